/** The memory's cells by name, as executors run them. Axes: B nodes or streams, Q queries, E entries. */
import * as tf from '@tensorflow/tfjs-core';
import type { Cell } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { type MemoryConfig, assertMemoryConfig } from './config.ts';
import { associate, initAssociative } from './associative.ts';
import { channelOf, featureCount } from './associative-sizes.ts';
import { initRead, projectQueries, read } from './read.ts';
import { childSlots, type NodeKind, summarize, summarizeUnread, initSummarize } from './summarize.ts';

/** `summarizeLeaf`, `summarizeInner`, `read`, and `associate` and `seek` where the memory has them: all that `advanceMemories` runs. */
export function memoryCells(config: MemoryConfig): Cell[] {
  return [...summarizeCells(config, true), ...associateCells(config), ...seekCells(config), readCell(config)];
}

/** `associate`, where the memory has an associative channel: it goes on from sums, writes vectors, and reads with each. */
export function associateCells(config: MemoryConfig): Cell[] {
  const channel = channelOf(config);
  if (channel === undefined) return [];
  const features = featureCount(channel);
  const sums = floats('B', features, channel.valueDepth);
  const gram = floats('B', features, features);
  const vectors = floats('B', 'T', config.depth);
  return [
    {
      name: 'associate',
      inputs: { vectors, 'state.sums': sums, 'state.gram': gram },
      outputs: { recalled: vectors, 'state.sums': sums, 'state.gram': gram },
      run: (weights, inputs) => {
        const before = { sums: tensor3(inputs, 'state.sums'), gram: tensor3(inputs, 'state.gram') };
        const { outputs, state } = associate(weights, channel, tensor3(inputs, 'vectors'), before);
        return { recalled: outputs, 'state.sums': state.sums, 'state.gram': state.gram };
      },
    },
  ];
}

/** `seek`, where the memory has a cold store: what is looked for there, the queries of the read by head. */
export function seekCells(config: MemoryConfig): Cell[] {
  if (config.cold === undefined) return [];
  const rows = floats('B', 'Q', config.depth);
  return [
    {
      name: 'seek',
      inputs: { queries: rows },
      outputs: { sought: rows },
      run: (weights, inputs) => ({ sought: projectQueries(weights, config, tensor3(inputs, 'queries')) }),
    },
  ];
}

/** `summarizeLeaf` and `summarizeInner`; `isRead` where reads attend to the summaries, which then have keys and values for it. */
export function summarizeCells(config: MemoryConfig, isRead: boolean): Cell[] {
  return [summarizeCell(config, 'leaf', isRead), summarizeCell(config, 'inner', isRead)];
}

function summarizeCell(config: MemoryConfig, kind: NodeKind, isRead: boolean): Cell {
  const { depth, slots } = config;
  const children = childSlots(config, kind);
  const summary = floats('B', slots, depth);
  return {
    name: kind === 'leaf' ? 'summarizeLeaf' : 'summarizeInner',
    inputs: { children: floats('B', children, depth), tokenCounts: floats('B', children) },
    outputs: {
      slots: summary,
      ...(isRead ? { keys: summary, values: summary } : {}),
      pooling: floats('B', slots, children),
    },
    run: (weights, inputs) => {
      const byName = {
        children: tensor3(inputs, 'children'),
        tokenCounts: tensor2(inputs, 'tokenCounts'),
      };
      return (isRead ? summarize : summarizeUnread)(weights, config, byName, kind);
    },
  };
}

export function readCell(config: MemoryConfig): Cell {
  const rows = (letter: string): TensorSpec => floats('B', letter, config.depth);
  return {
    name: 'read',
    inputs: {
      queries: rows('Q'),
      keys: rows('E'),
      values: rows('E'),
      bias: floats('B', 'Q', 'E'),
      ...(config.associative === undefined ? {} : { recalled: rows('Q') }),
    },
    outputs: { outputs: rows('Q'), alignment: floats('B', 'Q', 'E') },
    run: (weights, inputs) => {
      const named = (name: string): tf.Tensor3D => tensor3(inputs, name);
      const byName = { queries: named('queries'), keys: named('keys'), values: named('values'), bias: named('bias') };
      const given = read(weights, config, byName);
      return config.associative === undefined ? given : { ...given, outputs: tf.add(given.outputs, named('recalled')) };
    },
  };
}

/** First weights of a memory by checkpoint name, `memory.summarize.*`, `memory.read.*` and `memory.associative.*`. */
export function initMemory(config: MemoryConfig, random: Random): Record<string, HostArray> {
  assertMemoryConfig(config);
  const channel = channelOf(config);
  return {
    ...initSummarize(config, random),
    ...initRead(config, random),
    ...(channel === undefined ? {} : initAssociative(channel, random)),
  };
}

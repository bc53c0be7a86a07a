/** The memory's cells by name, as executors run them. Axes: B nodes or streams, Q queries, E entries. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Cell } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { type MemoryConfig, assertMemoryConfig } from './config.ts';
import { read, initRead } from './read.ts';
import { childSlots, type NodeKind, summarize, summarizeUnread, initSummarize } from './summarize.ts';

/** `summarizeLeaf`, `summarizeInner` and `read`: all that `advanceMemories` runs. */
export function memoryCells(config: MemoryConfig): Cell[] {
  return [...summarizeCells(config, true), readCell(config)];
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
    inputs: { queries: rows('Q'), keys: rows('E'), values: rows('E'), bias: floats('B', 'Q', 'E') },
    outputs: { outputs: rows('Q'), alignment: floats('B', 'Q', 'E') },
    run: (weights, inputs) => {
      const named = (name: string): tf.Tensor3D => tensor3(inputs, name);
      const byName = { queries: named('queries'), keys: named('keys'), values: named('values'), bias: named('bias') };
      return read(weights, config, byName);
    },
  };
}

/** First weights of a memory by checkpoint name, `memory.summarize.*` and `memory.read.*`. */
export function initMemory(config: MemoryConfig, random: Random): Record<string, HostArray> {
  assertMemoryConfig(config);
  return { ...initSummarize(config, random), ...initRead(config, random) };
}

/**
 * The cells of a model of tokens that answers at every one of them, by name, as executors run them. Axes: B streams or nodes, T tokens,
 * Q queries, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Cell, weight } from '../cell/cell.ts';
import { floats } from '../cell/tensor-spec.ts';
import { tensor2, tensor3 } from '../cell/typed-tensors.ts';
import { isCausal } from '../encoder/config.ts';
import { noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { HearkenError } from '../errors.ts';
import { memoryCells } from '../memory/cells.ts';
import type { HierarchicalMemoryConfig } from '../memory/kinds.ts';
import { projectEntries } from '../memory/read.ts';
import { type ModelConfig, modelDepth } from './config.ts';
import { sourceVectors } from './forward.ts';
import { answerLogits } from './head-layers.ts';
import { sourceDepth } from './source.ts';

/**
 * `encode`, and the memory's cells, of which `read` also gives the labels' log-probabilities. Throws `model/config` where the model has no
 * `answers`, or cannot stream.
 */
export function answerCells(config: ModelConfig): Cell[] {
  const { encoder, memory, heads } = config;
  const need = (part: string, expected: string): HearkenError =>
    new HearkenError('model/config', `Expected \`${part}\` of a model that answers on streams to be ${expected}`);
  if (heads.answers === undefined) throw need('heads.answers', 'an object');
  if (!isCausal(encoder)) throw need('encoder.direction', 'causal: what comes later is not known');
  if (memory.kind !== 'hierarchical') throw need('memory.kind', 'hierarchical');
  const { labelCount } = heads.answers;
  const ofMemory = memoryCells(memory);
  return [
    encodeCell(config, memory),
    ...ofMemory.map((cell) => (cell.name === 'read' ? answering(memory.depth, labelCount, cell) : cell)),
  ];
}

function encodeCell(config: ModelConfig, memory: HierarchicalMemoryConfig): Cell {
  const vectors = floats('B', 'T', modelDepth(config));
  const states = encoderStates(config.encoder, sourceDepth(config.source));
  return {
    name: 'encode',
    inputs: { tokens: { shape: ['B', 'T'], dtype: 'int32' }, ...states },
    outputs: { vectors, keys: vectors, values: vectors, ...states },
    run: (weights, inputs) => {
      const embedded = sourceVectors(weights, tensor2(inputs, 'tokens'));
      const encoded = encode(weights, config.encoder, embedded, inputs, noDropout);
      return { vectors: encoded.vectors, ...projectEntries(weights, memory, encoded.vectors), ...encoded.states };
    },
  };
}

function answering(depth: number, labelCount: number, readCell: Cell): Cell {
  return {
    ...readCell,
    outputs: { ...readCell.outputs, logProbabilities: floats('B', 'Q', labelCount) },
    run: (weights, inputs) => {
      const outputs = readCell.run(weights, inputs);
      const [batch = 0, queries = 0] = weight(outputs, 'outputs').shape; // [B, Q, D]
      const logits = answerLogits(weights, tf.reshape<tf.Rank.R2>(tensor3(outputs, 'outputs'), [-1, depth]));
      return { ...outputs, logProbabilities: tf.reshape(tf.logSoftmax(logits), [batch, queries, labelCount]) };
    },
  };
}

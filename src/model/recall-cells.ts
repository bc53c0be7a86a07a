/** The cells of a token model, by name, as executors run them. Axes: B streams or nodes, T tokens, Q queries, E entries. */
import * as tf from '@tensorflow/tfjs-core';

import { memoryCells } from '../memory/cells.ts';
import { projectEntries } from '../memory/read.ts';
import type { Cell } from './cell.ts';
import type { Axis, TensorSpec } from './tensor-spec.ts';
import type { RecallConfig } from './recall-config.ts';
import { encodeTokensAfter, labelLogits } from './recall-model.ts';
import { weight } from './weight.ts';

/** `encodeTokens`, and the memory's cells, of which `read` also gives the labels' log-probabilities. */
export function recallCells(config: RecallConfig): Cell[] {
  const cells = memoryCells(config.memory);
  return [encodeTokensCell(config), ...cells.map((cell) => (cell.name === 'read' ? answering(config, cell) : cell))];
}

function encodeTokensCell({ memory }: RecallConfig): Cell {
  const vectors = floats('B', 'T', memory.depth);
  const before = floats('B', memory.depth);
  return {
    name: 'encodeTokens',
    inputs: { tokens: { shape: ['B', 'T'], dtype: 'int32' }, 'state.before': before },
    outputs: { vectors, keys: vectors, values: vectors, 'state.before': before },
    run: (weights, inputs) => {
      const tokens = weight(inputs, 'tokens') as tf.Tensor2D; // as the specs say, like the state
      const encoded = encodeTokensAfter(weights, tokens, weight(inputs, 'state.before') as tf.Tensor2D);
      const { vectors: encodedVectors, before: last } = encoded;
      return {
        vectors: encodedVectors,
        ...projectEntries(weights, memory, encodedVectors),
        'state.before': last,
      };
    },
  };
}

function answering({ memory, labelCount }: RecallConfig, read: Cell): Cell {
  return {
    ...read,
    outputs: { ...read.outputs, logProbabilities: floats('B', 'Q', labelCount) },
    run: (weights, inputs) => {
      const outputs = read.run(weights, inputs);
      const answers = weight(outputs, 'outputs'); // [B, Q, D]
      const [batch = 0, queries = 0] = answers.shape;
      const logits = labelLogits(weights, tf.reshape(answers, [-1, memory.depth]));
      return { ...outputs, logProbabilities: tf.reshape(tf.logSoftmax(logits), [batch, queries, labelCount]) };
    },
  };
}

function floats(...shape: Axis[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

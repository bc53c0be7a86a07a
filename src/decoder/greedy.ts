/**
 * Greedy decoding: each step is fed the likeliest label of the step before. What a model says without a search.
 *
 * Shapes: B utterances, E entries, D memory depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { ofRank2, ofRank3 } from '../cell/typed-tensors.ts';
import { assertInteger } from '../errors.ts';
import type { DecoderConfig } from './config.ts';
import { decodeStep, prepareDecoderMemory } from './decoder.ts';
import { type DecoderState, decoderStateOf, mechanismOf } from './step.ts';
import { startState } from './unroll.ts';

export type GreedyInputs = {
  /** `[B, E, D]` */ readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** `[B, F]`: the encoder's last state, for a decoder whose `firstState` is made of it. */
  readonly final?: tf.Tensor2D | undefined;
  /** Labels at the most, 1 to 65,536; a row that has not ended by then is cut. */ readonly limit: number;
};

export type Decoded = {
  /** Labels 1..L, without the end. */ readonly labels: readonly number[];
  /** For each label its alignment with the E entries. */ readonly alignment: readonly (readonly number[])[];
};

/**
 * Decodes every row. `limit` steps are always run: nothing is read back before the last. Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { paddingBias, Random, tensorsOf } from 'hearken/attention';
 * import { decodeGreedily, type DecoderConfig, initDecoder, unrollDecoder } from 'hearken/decoder';
 *
 * const config: DecoderConfig = {
 *   order: 'luong',
 *   cell: 'gru',
 *   attention: { kind: 'global', score: 'general' },
 *   inputFeeding: true,
 *   firstState: 'zeros',
 *   ...{ units: 8, attentionUnits: 8, embedding: 4, dropout: 0 },
 * };
 * const weights = tensorsOf(initDecoder(config, { depth: 6, labelCount: 3 }, Random.seeded(1)));
 * const entries = tf.ones<tf.Rank.R3>([2, 5, 6]); // what an encoder made of two inputs
 * const bias = paddingBias([5, 4], 5);
 *
 * // Training: scores of what follows each target, given those before it.
 * const { logits } = unrollDecoder(weights, config, { entries, bias, targets: tf.tensor2d([[3, 1], [2, 0]], [2, 2], 'int32') });
 * console.log(logits.shape);
 * // Use: 0 would end a row.
 * const decoded = await decodeGreedily({ ...weights, 'decoder.output.bias': tf.tensor1d([0, 0, 9, 0]) }, config, {
 *   entries,
 *   bias,
 *   limit: 3,
 * });
 * console.log(decoded.map(({ labels }) => labels.join(' ')).join(', '));
 * // => [ 2, 3, 4 ]
 * // => 2 2 2, 2 2 2
 * ```
 */
export async function decodeGreedily(
  weights: Weights,
  config: DecoderConfig,
  inputs: GreedyInputs,
): Promise<Decoded[]> {
  assertInteger('limit', inputs.limit, 1, 65_536);
  const { tokens, alignments } = tf.tidy(() => unroll(weights, config, inputs));
  try {
    const [labels, shares] = await Promise.all([tokens.array(), alignments.array()]);
    return labels.map((row, index) => {
      const end = row.indexOf(0);
      const length = end < 0 ? row.length : end;
      return { labels: row.slice(0, length), alignment: shares[index]?.slice(0, length) ?? [] };
    });
  } finally {
    tf.dispose([tokens, alignments]);
  }
}

/** `[B, limit]` labels and `[B, limit, E]` alignments. */
function unroll(weights: Weights, config: DecoderConfig, inputs: GreedyInputs) {
  const { entries, bias, limit } = inputs;
  const keys = prepareDecoderMemory(weights, config, entries);
  const attention = mechanismOf(config, { stops: 'hard' });
  const start = decoderStateOf(attention.start({ values: entries, keys, bias }));
  let state: DecoderState = { ...startState(weights, config, inputs), ...start };
  let token = tf.zeros<tf.Rank.R1>([entries.shape[0]], 'int32');
  const tokens: tf.Tensor1D[] = [];
  const alignments: tf.Tensor2D[] = [];
  for (let step = 0; step < limit; step++) {
    const outputs = decodeStep(weights, config, { token, keys, values: entries, bias, state });
    ({ state } = outputs);
    token = tf.argMax(outputs.logProbabilities, 1);
    tokens.push(token);
    alignments.push(outputs.alignment);
  }
  return { tokens: ofRank2(tf.stack(tokens, 1)), alignments: ofRank3(tf.stack(alignments, 1)) };
}

/**
 * `hearken/model`: a model of exchangeable parts as one configuration: its first weights, its pass over whole sequences, its folder.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { Random, tensorsOf } from 'hearken/attention';
 * import { padTokens } from 'hearken/encoder';
 * import { forward, initModel, parseModelConfig } from 'hearken/model';
 *
 * const config = parseModelConfig({
 *   format: 'hearken',
 *   version: 2,
 *   name: 'vowels',
 *   source: { kind: 'tokens', symbols: { unit: 'character', symbols: ['a', 'b', 'c'] }, embedding: 4 },
 *   encoder: { kind: 'gru', units: 6, layers: 1, direction: 'both' },
 *   memory: { kind: 'full', heads: 1 },
 *   heads: { classifier: { labels: ['vowel', 'none'] } },
 * });
 * const weights = tensorsOf(initModel(config, Random.seeded(1)));
 * const { tokens: inputs, lengths } = padTokens([[0, 1, 2], [1]]);
 * const { vectors, final, entries, bias } = forward(weights, config, { inputs, lengths });
 * console.log(vectors.shape, final.shape, entries.shape, tf.less(bias, 0).arraySync());
 * // => [ 2, 3, 6 ] [ 2, 6 ] [ 2, 3, 6 ] [ [ 0, 0, 0 ], [ 0, 1, 1 ] ]
 * ```
 */
export { readModelCheckpoint, writeCheckpoint } from './checkpoint.ts';
export { type ModelConfig, parseModelConfig } from './config.ts';
export { forward, type ForwardOutputs, initModel, type SequenceInputs } from './forward.ts';
export type { AnyCheckpoint, ModelCheckpoint } from './unchecked-checkpoint.ts';

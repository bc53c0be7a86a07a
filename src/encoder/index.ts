/**
 * `hearken/encoder`: what makes vectors of tokens and of vectors: every kind of encoder that a model's configuration names, and what
 * they are made of.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { Random, tensorsOf } from 'hearken/attention';
 * import { encode, encoderStart, type EncoderConfig, initEncoder, noDropout } from 'hearken/encoder';
 *
 * const inputs = tf.ones<tf.Rank.R3>([2, 7, 3]); // two sequences of seven vectors, three deep
 * const configs: EncoderConfig[] = [
 *   { kind: 'gru', units: 8, layers: 1, direction: 'causal' },
 *   { kind: 'convolution', units: 8, layers: 2, kernel: 3 },
 *   { kind: 'dilated', units: 8, kernel: 2, dilations: [1, 2, 4] },
 *   { kind: 'self-attention', units: 8, layers: 1, heads: 2, direction: 'causal', window: 4 },
 * ];
 * for (const config of configs) {
 *   const weights = tensorsOf(initEncoder(config, 3, Random.seeded(1)));
 *   // A stream hands `states` on from chunk to chunk.
 *   const { vectors, states } = encode(weights, config, inputs, encoderStart(config, 3, 2), noDropout);
 *   console.log(config.kind, vectors.shape, Object.keys(states).join(' '));
 * }
 * // => gru [ 2, 7, 8 ] state.previous state.hidden.0
 * // => convolution [ 2, 7, 8 ] state.inputs.0 state.inputs.1
 * // => dilated [ 2, 7, 8 ] state.inputs.0 state.inputs.1 state.inputs.2
 * // => self-attention [ 2, 7, 8 ] state.seen state.inputs.0
 * ```
 */
export { type EncoderConfig, type EncoderDirection, encoderDepth, isCausal } from './config.ts';
export { type Dropout, noDropout, seededDropout } from './dropout.ts';
export { embed, initEmbedding, type PaddedTokens, padTokens } from './embedding.ts';
export { encode, encoderStart, encoderStates, initEncoder } from './encoder.ts';
export { gruStep, type GruWeights } from './gru.ts';
export { type GruInputs, type GruOutputs, gruSequence } from './gru-sequence.ts';
export { layerNorm } from './layer-norm.ts';
export { type LstmInputs, type LstmOutputs, lstmSequence } from './lstm.ts';
export type { EncoderOutput } from './recurrent-encoder.ts';
export {
  initRecurrentLayer,
  type RecurrentLayerConfig,
  type RecurrentLayerInputs,
  type RecurrentLayerOutputs,
  recurrentLayerStates,
  runRecurrentLayer,
} from './recurrent-layer.ts';

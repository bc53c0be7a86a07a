/**
 * `hearken/attention`: the scores of the decoder over a memory of your own, in tfjs, whose packages and backend are yours to install.
 * Nothing is remembered between calls, so that utterances may be decoded in any order.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { attend, createAttention, paddingBias, prepareMemory } from 'hearken/attention';
 *
 * const attention = createAttention('dot', { queryDepth: 2, memoryDepth: 2, attentionUnits: 2 });
 * const values = tf.tensor3d([[[9, 0], [0, 9], [5, 5]]]); // one utterance of two entries, and one of padding
 * const memory = prepareMemory(attention, { values, bias: paddingBias([2], 3) });
 * const { alignment, context } = attend(attention, memory, { query: tf.tensor2d([[0, 1]]) });
 * console.log((await alignment.array())[0]?.map((share) => share.toFixed(2)), context.shape);
 * // => [ '0.00', '1.00', '0.00' ] [ 1, 2 ]
 * ```
 */
export {
  ATTENTION_SCORES,
  attend,
  type Attended,
  type Attention,
  type AttentionMemory,
  createAttention,
  paddingBias,
  prepareMemory,
} from './attend.ts';
export type { ScoreInputs, AttentionScore, AttentionSizes } from './score.ts';
export type { AttentionScoreName } from './score-name.ts';

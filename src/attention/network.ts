/**
 * Attention by a small neural network that reads query and entry side by side:
 * `score(q, h_e) = v · tanh(M tanh(W [q; h_e] + b) + d)`.
 *
 * Reference: the "alignment model ... a feedforward neural network" of Bahdanau, Cho and Bengio, 2015, section 3.1,
 * https://arxiv.org/abs/1409.0473, of which the additive score (appendix A.1.2) is the case of one layer.
 *
 * Departures: none; the paper leaves the network open. The second layer is what makes it differ from `additive`, and
 * lets it learn matches that no sum of a part of the query and a part of the entry expresses.
 *
 * Shapes: B batch, E entries, H query depth, X entry depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensor2 } from '../cell/typed-tensors.ts';
import { weight } from '../cell/cell.ts';
import { normalArray } from '../tensor/random.ts';
import { additive, additiveEnergy, initAdditive, scoreEnergy } from './additive.ts';
import { projectKeys } from './score.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/**
 * Weights: `query` `[H, A]` and `key` `[X, A]`, the two parts of W, `bias` b `[A]`, `hidden.kernel` M `[A, A]`,
 * `hidden.bias` d `[A]`, `score` v `[A]`. A query costs A² multiplications an entry, where `additive` costs A.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { network, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const sizes = { queryDepth: 3, memoryDepth: 2, attentionUnits: 8 };
 * const weights = tensorsOf(network.init(sizes, Random.seeded(1)));
 * const prepared = network.prepare(weights, { values: tf.ones([1, 5, 2]), bias: paddingBias([5], 5) });
 * const { context, alignment } = network.attend(weights, tf.ones([1, 3]), prepared, {});
 * console.log(context.shape, alignment.shape);
 * // => [ 1, 2 ] [ 1, 5 ]
 * ```
 */
export const network: ScoredAttention = softmaxAttention({
  ...additive.scoring,
  init: (sizes, random) => {
    const units = sizes.attentionUnits;
    return {
      ...initAdditive(sizes, random),
      'hidden.kernel': normalArray(random, [units, units], 1 / Math.sqrt(units)),
      'hidden.bias': { shape: [units], data: new Float32Array(units) },
    };
  },
  score: (weights, inputs) => {
    const first = tf.tanh(additiveEnergy(weights, inputs)); // [B, E, A]
    const kernel = tensor2(weights, 'hidden.kernel'); // [A, A]
    return scoreEnergy(weights, tf.add(projectKeys(first, kernel), weight(weights, 'hidden.bias')));
  },
});

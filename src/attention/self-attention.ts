/**
 * Self-attention: every entry of a sequence asks all of them, where in general attention (the mechanisms beside this
 * file) the queries come from elsewhere, such as a decoder. All T queries at once:
 *
 *     alignment_i,t,s = softmax_s((x_t Q_i) · (x_s K_i) / √(A / N) + bias_s),  output_t = concat_i(Σ_s alignment_i,t,s x_s V_i) O
 *
 * Reference: Vaswani et al., 2017, sections 3.2.1 to 3.2.3, https://arxiv.org/abs/1706.03762
 *
 * Departures: none in the attention; residual path, normalisation and feed-forward layer around it are the encoder's, and
 * so are positions: without any, the order of what is seen makes no difference.
 *
 * Shapes: B batch, T entries, D depth, A attention units of all heads, N heads.
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensor2 } from '../cell/typed-tensors.ts';
import type { Weights } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { HIDDEN, maskedSoftmax } from './hidden.ts';
import { headPrefix, multiHead } from './multi-head.ts';
import { scaledDot } from './multiplicative.ts';
import { under } from './named-weights.ts';
import { projectKeys } from './score.ts';

export type SelfAttentionOptions = {
  /** N, 1 to 256; divides depth and attention units. */ readonly heads: number;
  /** Whether an entry sees only itself and those before it. */ readonly causal: boolean;
};

export type SelfAttended = {
  /** `[B, T, D]` */ readonly outputs: tf.Tensor3D;
  /** `[B, T, T]`: row t is the mean over the heads of where entry t looks. */ readonly alignment: tf.Tensor3D;
};

export type SelfAttention = {
  /** First weights: those of `multiHead(scaledDot, heads)` for queries of depth `depth`. Throws `option/out-of-range`. */
  readonly init: (
    sizes: { readonly depth: number; readonly attentionUnits: number },
    random: Random,
  ) => Record<string, HostArray>;
  /** `values` `[B, T, D]`, `bias` `[B, T]`. An entry that sees nothing gets zeros. Throws `tensor/shape`. */
  readonly attend: (
    weights: Weights,
    sequence: { readonly values: tf.Tensor3D; readonly bias: tf.Tensor2D },
  ) => SelfAttended;
};

/**
 * Weights as of `multiHead(scaledDot, heads)`, and the same numbers as its queries one by one would give. O(T²).
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { paddingBias, Random, selfAttention, tensorsOf } from 'hearken/attention';
 *
 * const layer = selfAttention({ heads: 2, causal: true });
 * const weights = tensorsOf(layer.init({ depth: 4, attentionUnits: 8 }, Random.seeded(1)));
 * const { outputs, alignment } = layer.attend(weights, { values: tf.ones([1, 3, 4]), bias: paddingBias([3], 3) });
 * console.log(outputs.shape);
 * for (const row of alignment.arraySync()[0]) console.log(row.map((share) => share.toFixed(2)).join(' '));
 * // => [ 1, 3, 4 ]
 * // => 1.00 0.00 0.00
 * // => 0.50 0.50 0.00
 * // => 0.33 0.33 0.33
 * ```
 */
export function selfAttention({ heads, causal }: SelfAttentionOptions): SelfAttention {
  const queried = multiHead(scaledDot, heads);
  return {
    init: ({ depth, attentionUnits }, random) =>
      queried.init({ queryDepth: depth, memoryDepth: depth, attentionUnits }, random),
    attend: (weights, { values, bias }) => {
      const [batch, length] = values.shape;
      assertShape('values', values, [null, null, null]);
      assertShape('bias', bias, [batch, length]);
      return tf.tidy(() => {
        const row = tf.expandDims<tf.Tensor3D>(bias, 1); // [B, 1, T]
        const mask = causal ? tf.add<tf.Tensor3D>(row, futureBias(length)) : row;
        const attended = Array.from({ length: heads }, (_, index) =>
          attendOneHead(under(weights, headPrefix(index)), values, mask),
        );
        const joined = tf.concat(
          attended.map(({ outputs }) => outputs),
          2,
        );
        return {
          outputs: projectKeys(joined, tensor2(weights, 'output')), // [D, D]
          alignment: tf.mul<tf.Tensor3D>(tf.addN(attended.map(({ alignment }) => alignment)), 1 / heads),
        };
      });
    },
  };
}

/** `mask` is `[B, T, T]`, or `[B, 1, T]` where all entries see the same. */
function attendOneHead(weights: Weights, values: tf.Tensor3D, mask: tf.Tensor3D): SelfAttended {
  const projected = (name: string): tf.Tensor3D => projectKeys(values, tensor2(weights, name)); // kernels have two axes
  const queries = projected('query');
  const scaled = tf.mul(queries, 1 / Math.sqrt(queries.shape[2]));
  const alignment = maskedSoftmax(tf.matMul(scaled, projected('key'), false, true), mask); // [B, T, T]
  return { outputs: tf.matMul(alignment, projected('value')), alignment };
}

/** `HIDDEN` where a column's entry comes after the row's, `[1, T, T]`. */
function futureBias(length: number): tf.Tensor3D {
  const places = tf.range(0, length, 1, 'float32');
  const isLater = tf.greater(tf.reshape(places, [1, 1, length]), tf.reshape(places, [1, length, 1]));
  return tf.mul(tf.cast(isLater, 'float32'), HIDDEN);
}

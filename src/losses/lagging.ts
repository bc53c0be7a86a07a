/**
 * How long a decoder that walks over its input waits, as a loss: differentiable average lagging.
 *
 *     g_i = Σ_j j α_i,j                               inputs heard when output i is written, from 1
 *     g'_i = max(g_i, g'_{i-1} + |x| / |y|)           none costs less time than an even pace leaves
 *     lagging = 1/|y| Σ_i (g'_i - (i - 1) |x| / |y|)
 *
 * where α are the expected stops of monotonic attention, of MoChA or MILk, |x| inputs, |y| outputs.
 *
 * Reference: Arivazhagan et al., 2019, section 4, https://arxiv.org/abs/1906.05218, whose loss is the cross-entropy
 * plus λ times this; Cherry and Foster, 2019, https://arxiv.org/abs/1906.00048
 *
 * Departures: what stops nowhere has heard all of the input, where the paper's α sum to 1.
 *
 * Shapes: B rows, S outputs of the longest row with its end, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { assertShape } from '../tensor/shape.ts';

export type LaggingInputs = {
  /** `[B, S, E]`: expected stops, as `unrollDecoder` gives them. */ readonly stops: tf.Tensor3D;
  /** |x| of each row, 1 to E. */ readonly inputLengths: readonly number[];
  /** |y| of each row, with the end, 1 to S: outputs behind it do not count. */ readonly outputLengths: readonly number[];
};

/** `[B, S]`: g, the entries heard when an output is written. Throws as `averageLagging`. */
export function expectedDelays({ stops, inputLengths }: Pick<LaggingInputs, 'stops' | 'inputLengths'>): tf.Tensor2D {
  const [batch, , entries] = stops.shape;
  assertShape('stops', stops, [null, null, null]);
  assertLengths('inputLengths', inputLengths, batch, entries);
  return tf.tidy(() => {
    const places = tf.range(1, entries + 1, 1, 'float32'); //                                [E]
    const nowhere = tf.sub(1, tf.sum(stops, 2)); //                                          [B, S]
    const all = tf.tensor2d([...inputLengths], [batch, 1]);
    return tf.add<tf.Tensor2D>(tf.sum(tf.mul(stops, places), 2), tf.mul(nowhere, all));
  });
}

/**
 * The mean lagging of the rows, in entries, a scalar: 1 where each output follows at once on its even share of the input, |x|
 * where all of it is heard first. Throws `tensor/shape`, `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { averageLagging } from 'hearken/losses';
 *
 * const lengths = { inputLengths: [4], outputLengths: [4] };
 * const atOnce = tf.oneHot(tf.tensor2d([[0, 1, 2, 3]], [1, 4], 'int32'), 4) as tf.Tensor3D;
 * const atTheEnd = tf.oneHot(tf.tensor2d([[3, 3, 3, 3]], [1, 4], 'int32'), 4) as tf.Tensor3D;
 * for (const stops of [atOnce, atTheEnd]) console.log(averageLagging({ stops, ...lengths }).arraySync());
 * // => 1
 * // => 4
 * ```
 */
export function averageLagging({ stops, inputLengths, outputLengths }: LaggingInputs): tf.Scalar {
  const [batch, steps] = stops.shape;
  assertLengths('outputLengths', outputLengths, batch, steps);
  return tf.tidy(() => {
    const delays = tf.unstack(expectedDelays({ stops, inputLengths }), 1); //                S of [B]
    const pace = tf.tensor1d(outputLengths.map((length, row) => (inputLengths[row] ?? 0) / length));
    let paced: tf.Tensor | undefined; // g'
    const laggings = delays.map((delay, step) => {
      paced = paced === undefined ? delay : tf.maximum(delay, tf.add(paced, pace));
      return tf.sub(paced, tf.mul(pace, step));
    });
    const counts = outputLengths.flatMap((length) =>
      Array.from({ length: steps }, (_, step) => (step < length ? 1 / length : 0)),
    );
    const perRow = tf.sum(tf.mul(tf.stack(laggings, 1), tf.tensor2d(counts, [batch, steps])), 1);
    return tf.mean<tf.Scalar>(perRow);
  });
}

function assertLengths(name: string, lengths: readonly number[], batch: number, longest: number): void {
  const fit = lengths.every((length) => Number.isInteger(length) && length >= 1 && length <= longest);
  if (fit && lengths.length === batch) return;
  throw new HearkenError(
    'option/out-of-range',
    `Expected ${batch} \`${name}\` in 1..${longest}, got [${lengths.join(', ')}]`,
  );
}

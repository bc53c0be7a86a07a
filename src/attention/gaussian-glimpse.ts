/**
 * Gaussian attention: a differentiable glimpse. An N x N grid of Gaussian filters lies over the image, and moves, spreads and blurs by five
 * numbers, (g̃_X, g̃_Y, log σ², log δ̃, log γ), which a network gives:
 *
 *     g_X = (W + 1) / 2 · (g̃_X + 1),  g_Y = (H + 1) / 2 · (g̃_Y + 1)         centre, in pixels from 1     (22, 23)
 *     δ = (max(W, H) - 1) / (N - 1) · δ̃                                     stride                      (24)
 *     μ_X[i] = g_X + (i - N/2 - 1/2) δ,  i = 1..N                            places of the filters       (19, 20)
 *     F_X[i, a] = exp(-(a - μ_X[i])² / 2σ²) / Z_i,  a = 1..W                 Z_i makes a filter's sum 1  (25, 26)
 *     glimpse = γ F_Y I F_Xᵀ                                                                             (27)
 *
 * Zeros see the whole image: centre in its middle, the filters from its first pixel to its last.
 *
 * Reference: Gregor et al., 2015, "DRAW", section 3.2, equations 19 to 27, https://arxiv.org/abs/1502.04623
 *
 * Departures: of equation 27 the read of the image alone, without that of the error image, which a generative model has. F is computed
 * as a softmax over the pixels, which is the same fraction and never 0 / 0: a filter that lies outside of the image sees the border's nearest
 * pixels, where hard crops see zeros.
 *
 * Shapes: B batch, H and W image, C channels, N filters a side.
 */
import * as tf from '@tensorflow/tfjs-core';

import { integerIn } from '../arguments.ts';
import { assertShape } from '../tensor/shape.ts';
import { type ImageFilters, throughFilters } from './image-filters.ts';

export type GlimpseSizes = {
  /** H */ readonly height: number;
  /** W */ readonly width: number;
  /** N, filters a side. */ readonly size: number;
};

/** The filters F_Y and F_X of `parameters` `[B, 5]`, by which a glimpse can be drawn. Throws `tensor/shape`, `option/out-of-range`. */
export function gaussianFilters(parameters: tf.Tensor2D, { height, width, size }: GlimpseSizes): ImageFilters {
  for (const [name, given] of Object.entries({ height, width, size })) integerIn(1, 65_536)(name, given);
  assertShape('parameters', parameters, [null, 5]);
  return tf.tidy(() => {
    const [x, y, logVariance, logStride] = tf.split<tf.Tensor2D>(parameters, 5, 1) as [
      tf.Tensor2D, // [B, 1] each
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    // One filter stands in the centre, whatever the stride.
    const stride = tf.mul(tf.exp(logStride), size === 1 ? 0 : (Math.max(height, width) - 1) / (size - 1));
    const steps = tf.sub(tf.range(1, size + 1, 1, 'float32'), size / 2 + 0.5); // [N]
    const sharpness = tf.expandDims(tf.mul(tf.exp(tf.neg(logVariance)), 0.5), 2); // 1 / 2σ², [B, 1, 1]
    const filters = (relative: tf.Tensor2D, pixels: number): tf.Tensor3D => {
      const center = tf.mul(tf.add(relative, 1), (pixels + 1) / 2);
      const places = tf.expandDims(tf.add(center, tf.mul(stride, steps)), 2); //            [B, N, 1]
      const distance = tf.sub(tf.range(1, pixels + 1, 1, 'float32'), places); //            [B, N, pixels]
      return tf.softmax(tf.neg(tf.mul<tf.Tensor3D>(tf.square(distance), sharpness)));
    };
    return { rows: filters(y, height), columns: filters(x, width) };
  });
}

/**
 * Glimpses of `images` `[B, H, W, C]` by `parameters` `[B, 5]`: `[B, N, N, C]`. Throws `tensor/shape`, `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { gaussianGlimpse } from 'hearken/attention';
 *
 * const image = tf.reshape<tf.Rank.R4>(tf.range(0, 49), [1, 7, 7, 1]);
 * // Sharp filters: over the whole image, and half as far apart about a point right of its middle.
 * for (const [x, logStride] of [[0, 0], [0.5, Math.log(0.5)]] as const) {
 *   const glimpse = gaussianGlimpse(image, tf.tensor2d([[x, 0, -9, logStride, 0]]), 3);
 *   console.log(Array.from(glimpse.dataSync(), (pixel) => pixel.toFixed(1)).join(' '));
 * }
 * // => 0.0 3.0 6.0 21.0 24.0 27.0 42.0 45.0 48.0
 * // => 14.0 15.5 16.5 24.5 26.0 27.0 35.0 36.5 37.5
 * ```
 */
export function gaussianGlimpse(images: tf.Tensor4D, parameters: tf.Tensor2D, size: number): tf.Tensor4D {
  assertShape('images', images, [null, null, null, null]);
  const [batch, height, width] = images.shape;
  assertShape('parameters', parameters, [batch, 5]);
  return tf.tidy(() => {
    const glimpse = throughFilters(images, gaussianFilters(parameters, { height, width, size }));
    const intensity = tf.exp(tf.slice(parameters, [0, 4], [batch, 1])); // γ
    return tf.mul(glimpse, tf.reshape(intensity, [batch, 1, 1, 1]));
  });
}

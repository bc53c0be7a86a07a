/**
 * Hard attention over an image by cropping: of image I the part that begins at row y and column x,
 *
 *     g = I[y : y + h, x : x + w]
 *
 * Written as products with rows of ones, `g = S_y I S_xᵀ` where `S_y[i, r] = 1` if `r = y + i`: what lies outside of the image is 0, and
 * Gaussian attention (`gaussianGlimpse`) is the same with bells in the place of ones. The corner has no gradient, the image has one.
 *
 * Reference: Mnih et al., 2014, section 3.1 (glimpses), https://arxiv.org/abs/1406.6247
 *
 * Shapes: B batch, H and W image, C channels, h and w crop.
 */
import * as tf from '@tensorflow/tfjs-core';

import { integerIn } from '../arguments.ts';
import { assertShape } from '../tensor/shape.ts';
import { indicator } from './hidden.ts';
import { throughFilters } from './image-filters.ts';

/**
 * Crops of `images` `[B, H, W, C]`, `[B, h, w, C]`, whose first rows and columns are `corners` `[B, 2]` (y, x), whole numbers that may
 * lie outside of the image: there it is 0. Throws `tensor/shape`, `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { crop } from 'hearken/attention';
 *
 * const image = tf.reshape<tf.Rank.R4>(tf.range(1, 10), [1, 3, 3, 1]); // 1 2 3, 4 5 6, 7 8 9
 * for (const corner of [[0, 1], [2, 2], [-1, 0]]) {
 *   const glimpse = crop(image, tf.tensor2d([corner]), { height: 2, width: 2 });
 *   console.log(glimpse.dataSync().join(' '));
 * }
 * // => 2 3 5 6
 * // => 9 0 0 0
 * // => 0 0 1 2
 * ```
 */
export function crop(
  images: tf.Tensor4D,
  corners: tf.Tensor2D,
  { height, width }: { readonly height: number; readonly width: number },
): tf.Tensor4D {
  integerIn(1, 65_536)('height', height);
  integerIn(1, 65_536)('width', width);
  assertShape('images', images, [null, null, null, null]);
  assertShape('corners', corners, [images.shape[0], 2]);
  return tf.tidy(() => {
    const [, rows, columns] = images.shape;
    const [y, x] = tf.split<tf.Tensor2D>(tf.cast(corners, 'float32'), 2, 1) as [tf.Tensor2D, tf.Tensor2D]; // [B, 1] each
    return throughFilters(images, { rows: ones(y, height, rows), columns: ones(x, width, columns) });
  });
}

/** `[B, n, size]`: 1 where a place is the i-th from `first` `[B, 1]` on. */
function ones(first: tf.Tensor2D, count: number, size: number): tf.Tensor3D {
  const places = tf.expandDims(tf.add(first, tf.range(0, count)), 2); // [B, n, 1]
  const distance = tf.sub<tf.Tensor3D>(places, tf.range(0, size)); //    [B, n, size]
  return indicator(distance, (x) => tf.less(tf.abs(x), 0.5));
}

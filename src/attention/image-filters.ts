import * as tf from '@tensorflow/tfjs-core';

/** What an image is looked at through: a filter for each row and each column of the glimpse. */
export type ImageFilters = {
  /** `[B, n, H]` */ readonly rows: tf.Tensor3D;
  /** `[B, m, W]` */ readonly columns: tf.Tensor3D;
};

/** `rows I columnsᵀ` for each channel: `[B, H, W, C]` to `[B, n, m, C]`. */
export function throughFilters(images: tf.Tensor4D, { rows, columns }: ImageFilters): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [n, m] = [rows.shape[1], columns.shape[1]];
  const down = tf.matMul(rows, tf.reshape<tf.Rank.R3>(images, [batch, height, width * channels])); //      [B, n, W C]
  const byColumn = tf.reshape<tf.Rank.R4>(down, [batch, n, width, channels]);
  const turned = tf.reshape<tf.Rank.R3>(tf.transpose(byColumn, [0, 2, 1, 3]), [batch, width, n * channels]);
  const across = tf.reshape<tf.Rank.R4>(tf.matMul(columns, turned), [batch, m, n, channels]); //           [B, m, n, C]
  return tf.transpose(across, [0, 2, 1, 3]);
}

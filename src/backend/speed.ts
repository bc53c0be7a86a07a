import * as tf from '@tensorflow/tfjs-core';

export type MatMulSpeed = { readonly size: number; readonly gigaflops: number };

/** Speed of the product of two square matrices on the current backend: best of `rounds`, read-back included. */
export async function measureMatMul(size = 1024, rounds = 5): Promise<MatMulSpeed> {
  const matrix = tf.randomNormal([size, size], 0, 1, 'float32', 1);
  let best = Infinity;
  try {
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      const product = tf.matMul(matrix, matrix);
      await product.data();
      product.dispose();
      if (round > 0) best = Math.min(best, performance.now() - started); // the first round warms up
    }
  } finally {
    matrix.dispose();
  }
  return { size, gigaflops: (2 * size ** 3) / best / 1e6 };
}

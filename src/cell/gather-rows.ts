/** Rows of each sequence of a batch by their places. Shapes: B batch, N rows of a sequence, M rows asked for, D depth. */
import * as tf from '@tensorflow/tfjs-core';

import { sizeProduct } from './size.ts';
import { customGradArguments, ofRank2, ofRank3, tensorAt } from './typed-tensors.ts';

/**
 * `x` `[B, N, D]` and `places` `[B, M]`, whole numbers from 0 to N - 1, give `[B, M, D]`. No gradient flows into `places`,
 * however they were made: tfjs's own `gather` fails where they depend on what is learned. In a graph N may be known only
 * when it runs.
 */
export function gatherRows(x: tf.Tensor3D, places: tf.Tensor2D): tf.Tensor3D {
  const [batch, length, depth] = x.shape;
  const shape: [number, number, number] = [batch, places.shape[1], depth];
  const count = sizeProduct(batch, length);
  const placesShape = places.shape; // the tensor itself may be gone when a gradient is asked for
  const gathered = tf.customGrad<tf.Tensor3D>((...given) => {
    const { tensors, save } = customGradArguments(given);
    const rows = rowsAt(ofRank2(tensorAt(tensors, 1)), length);
    const flat = tf.reshape<tf.Rank.R2>(tensorAt(tensors, 0), [count, depth]);
    save([rows]);
    return {
      value: tf.reshape(tf.gather(flat, rows), shape),
      gradFunc: (dy, saved) => {
        const sums = tf.unsortedSegmentSum(tf.reshape(dy, [-1, depth]), tensorAt(saved, 0) as tf.Tensor1D, count); // `rows`
        return [tf.reshape(sums, [batch, length, depth]), tf.zeros(placesShape)];
      },
    };
  });
  return ofRank3(gathered(x, places));
}

/** Rows of all sequences one after the other, `[B M]`, int32. */
function rowsAt(places: tf.Tensor2D, length: number): tf.Tensor1D {
  const [batch] = places.shape;
  const rowLength = tf.sum(tf.add(tf.zerosLike(tf.range(0, length, 1, 'float32')), 1));
  const firstRows = tf.reshape(tf.mul(tf.range(0, batch, 1, 'float32'), rowLength), [batch, 1]);
  return tf.cast(tf.reshape<tf.Rank.R1>(tf.add(places, firstRows), [-1]), 'int32');
}

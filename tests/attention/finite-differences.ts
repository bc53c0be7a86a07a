import * as tf from '@tensorflow/tfjs';

import { Random } from '../../src/tensor/random.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Distance between the points at which a function is sampled: in float32, rounding and truncation meet near here. */
const STEP = 0.02;
/** Random directions tried for every tensor. */
const DIRECTIONS = 3;

/**
 * For each of `at`: the largest difference between the gradient of `f` and differences of fourth order along random
 * directions, relative to the larger of 1 and the derivative.
 */
export function gradientErrors<T extends Tensors>(f: (at: T) => tf.Scalar, at: T): Record<string, number> {
  const random = Random.seeded(99);
  const names = Object.keys(at);
  const tensors = Object.values(at);
  const gradients = tf.grads((...values) =>
    f(Object.fromEntries(names.map((name, index) => [name, values[index]])) as unknown as T),
  )(tensors);
  const errors = names.map((name, index) => {
    const tensor = tensors[index] as tf.Tensor;
    const directions = Array.from({ length: DIRECTIONS }, () =>
      tf.tensor(
        Float32Array.from({ length: tensor.size }, () => (random.uniform() < 0.5 ? -1 : 1)),
        tensor.shape,
      ),
    );
    const gaps = directions.map((direction) => {
      const moved = (by: number): number =>
        f({ ...at, [name]: tf.add(tensor, tf.mul(direction, by * STEP)) }).arraySync();
      const difference = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP);
      const derivative = tf.sum(tf.mul(gradients[index] as tf.Tensor, direction)).arraySync() as number;
      return Math.abs(derivative - difference) / Math.max(1, Math.abs(difference));
    });
    return [name, Math.max(...gaps)] as const;
  });
  return Object.fromEntries(errors);
}

/** Random numbers of deviation 1. */
export function randomTensor(seed: number, ...shape: number[]): tf.Tensor {
  const random = Random.seeded(seed);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
}

/** A scalar on which every element of `tensors` has an influence of its own. */
export function mixed(...tensors: tf.Tensor[]): tf.Scalar {
  const parts = tensors.map((tensor, index) => tf.sum(tf.mul(tensor, randomTensor(index + 1, ...tensor.shape))));
  return tf.addN(parts) as tf.Scalar;
}

import * as tf from '@tensorflow/tfjs';

import { Random } from '../../src/tensor/random.ts';

/** Length of a step away from the point: in float32, rounding and truncation meet near here. */
const STEP = 0.02;
/** Directions tried for every tensor. */
const DIRECTIONS = 3;

/**
 * For each of `at`: how far the gradient of `f` is off, as a share of the gradient's length, by differences of fourth
 * order. A direction is half the gradient's own, where the derivative is large beside rounding, and half random, so that
 * an error across the gradient shows as well; where there is one number, there is nothing across.
 */
export function gradientErrors(
  f: (at: Record<string, tf.Tensor>) => tf.Scalar,
  at: Readonly<Record<string, tf.Tensor>>,
): Record<string, number> {
  const random = Random.seeded(99);
  const names = Object.keys(at);
  const gradients = tf.grads((...values) => f(Object.fromEntries(values.map((value, i) => [names[i], value]))))(
    Object.values(at),
  );
  const errors = Object.entries(at).map(([name, tensor], index) => {
    const gradient = gradients[index]!;
    const norm = tf.norm(gradient).arraySync() as number;
    const gaps = Array.from({ length: DIRECTIONS }, () => {
      const across = tensor.size === 1 ? tf.zeros(tensor.shape) : unit(normalTensor(random, tensor.shape));
      const direction = unit(tf.add(unit(gradient), across));
      const moved = (by: number): number =>
        f({ ...at, [name]: tf.add(tensor, tf.mul(direction, by * STEP)) }).arraySync();
      const difference = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP);
      return Math.abs((tf.sum(tf.mul(gradient, direction)).arraySync() as number) - difference);
    });
    return [name, Math.max(...gaps) / norm] as const;
  });
  return Object.fromEntries(errors);
}

function unit(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.norm(x));
}

function normalTensor(random: Random, shape: number[]): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
}

/** Random numbers of deviation 1. */
export function randomTensor(seed: number, ...shape: number[]): tf.Tensor {
  return normalTensor(Random.seeded(seed), shape);
}

/** A scalar on which every element of `tensors` has an influence of its own. */
export function mixed(...tensors: tf.Tensor[]): tf.Scalar {
  const parts = tensors.map((tensor, index) => tf.sum(tf.mul(tensor, randomTensor(index + 1, ...tensor.shape))));
  return tf.addN(parts) as tf.Scalar;
}

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { ctcForwardBackward } from '../../src/ctc/forward-backward.ts';
import { ctcByTensors } from '../../src/ctc/loss-by-tensors.ts';
import { Random } from '../../src/tensor/random.ts';

beforeAll(() => tf.setBackend('cpu'));

type Case = { readonly labels: readonly number[][]; readonly counts: readonly number[]; readonly classes: number };

/** Holds losses and gradients of rows of `frames` vectors against the recursion on the host. */
function expectTheSame(
  { labels, counts, classes }: Case,
  frames: number,
  logitOf: (random: Random, at: number) => number,
) {
  const random = Random.seeded(3);
  const length = frames * classes;
  const rows = labels.map(() => Float32Array.from({ length }, (_, index) => logitOf(random, index % classes)));
  const logits = tf.tensor3d(Float32Array.from(rows.flatMap((row) => [...row])), [labels.length, frames, classes]);
  const { losses, gradient } = ctcByTensors(logits, labels, counts);
  for (const [row, values] of rows.entries()) {
    const expected = new Float32Array(length);
    const end = counts[row]! * classes;
    const loss = ctcForwardBackward(values.subarray(0, end), classes, labels[row]!, expected.subarray(0, end));
    const got = losses.arraySync()[row]!;
    // Where both are infinite there is no difference.
    expect(got === loss ? 0 : Math.abs(got - loss)).toBeLessThan(1e-5 * Math.min(1e9, Math.max(1, loss)));
    const differences = tf
      .slice(gradient, [row, 0, 0], [1, -1, -1])
      .dataSync()
      .map((value, at) => value - expected[at]!);
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(2e-4);
  }
}

test('is the recursion on the host, for labels that repeat, none at all, and rows of any length', () => {
  const labels = [[1, 1, 3], [], [2, 3], [1, 2, 3, 2, 1], [3], []];
  const counts = [6, 4, 7, 5, 1, 0];
  expectTheSame({ labels, counts, classes: 4 }, 7, (random) => 2 * random.normal());
});

test('gives Infinity and no gradient where the labels do not fit the vectors, or need an impossible class', () => {
  const labels = [[1, 1, 3], [2], [1], [3]];
  expectTheSame({ labels, counts: [3, 0, 5, 5], classes: 4 }, 5, (random, at) => (at === 1 ? -1e12 : random.normal()));
});

test('loses no path, however unlikely: a model that is sure of blank, and forty labels', () => {
  const labels = [Array.from({ length: 40 }, (_, index) => 1 + (index % 5)), [2]];
  expectTheSame({ labels, counts: [200, 180], classes: 6 }, 200, (random, at) => (at === 0 ? 12 : random.normal()));
});

test('leaves two tensors, the losses and the gradient', () => {
  const logits = tf.randomNormal<tf.Rank.R3>([1, 3, 3]);
  const before = tf.memory().numTensors;
  const { losses, gradient } = ctcByTensors(logits, [[1]], [3]);
  expect(tf.memory().numTensors).toBe(before + 2);
  tf.dispose([losses, gradient]);
});

import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { gaussianGlimpse } from '../../src/attention/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Stored = { readonly shape: number[]; readonly data: number[] };
type Golden = {
  readonly cases: readonly {
    readonly name: string;
    readonly size: number;
    /** `[B, H, W, C]` */ readonly images: Stored;
    /** `[B, 5]` */ readonly parameters: Stored;
    /** `[B, N, N, C]` */ readonly glimpses: Stored;
    readonly gradients: { readonly images: Stored; readonly parameters: Stored };
  }[];
};

const golden: Golden = JSON.parse(readFileSync(new URL('attention/glimpses.json', import.meta.url), 'utf8'));

function tensorOf({ shape, data }: Stored): tf.Tensor {
  return tf.tensor(data, shape);
}

function largestGap(own: tf.Tensor, stored: Stored): number {
  expect(own.shape).toEqual(stored.shape);
  return tf.max(tf.abs(tf.sub(own, tensorOf(stored)))).arraySync() as number;
}

describe('Gaussian attention equals its equations in float64', () => {
  test.each(golden.cases)('$name', ({ size, images, parameters, glimpses, gradients }) => {
    const given = [tensorOf(images), tensorOf(parameters)];
    const look = (...[seen, by]: tf.Tensor[]): tf.Tensor4D =>
      gaussianGlimpse(seen as tf.Tensor4D, by as tf.Tensor2D, size);
    expect(largestGap(look(...given), glimpses)).toBeLessThan(2e-6);
    const weighed = (...moved: tf.Tensor[]): tf.Scalar => {
      const pixels = tf.reshape(look(...moved), [-1]);
      return tf.sum(tf.mul(pixels, tf.tensor1d(Array.from({ length: pixels.size }, (_, i) => Math.cos(i)))));
    };
    const [ofImages, ofParameters] = tf.grads(weighed)(given);
    expect(largestGap(ofImages!, gradients.images)).toBeLessThan(2e-6); // one gradient for each
    expect(largestGap(ofParameters!, gradients.parameters)).toBeLessThan(2e-5);
  });
});

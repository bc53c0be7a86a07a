import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import type { EncoderConfig } from '../../src/encoder/config.ts';
import { noDropout, seededDropout } from '../../src/encoder/dropout.ts';
import { encode, encoderStates, initEncoder } from '../../src/encoder/encoder.ts';
import type { EncoderOutput } from '../../src/encoder/recurrent-encoder.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { uploadWeights } from '../../src/training/gradients.ts';

const DEPTH = 6;
const T = 9;
const CONFIGS: EncoderConfig[] = [
  { kind: 'lstm', units: 8, layers: 2 },
  { kind: 'gru', units: 8, layers: 2, direction: 'causal' },
  { kind: 'rnn', units: 8, layers: 2 },
  { kind: 'delta', units: 8, layers: 2, heads: 2, keyDepth: 3 },
  { kind: 'convolution', units: 8, layers: 2, kernel: 3 },
  { kind: 'pair', units: 8 },
  { kind: 'dilated', units: 8, kernel: 2, dilations: [1, 2] },
  { kind: 'surprise', units: 8, heads: 2, kept: 3 },
  { kind: 'self-attention', units: 8, layers: 2, heads: 2, window: 3 },
  { kind: 'stacked', below: { kind: 'lstm', units: 8, layers: 2 }, above: { kind: 'lstm', units: 4, layers: 1 } },
];

beforeAll(() => tf.setBackend('cpu'));

const framesOf = (seed: number, batch: number): tf.Tensor3D =>
  tf.tensor(normalArray(Random.seeded(seed), [batch, T, DEPTH], 1).data, [batch, T, DEPTH]);

function startOf(config: EncoderConfig, batch: number): Record<string, tf.Tensor> {
  const specs = Object.entries(encoderStates(config, DEPTH));
  return Object.fromEntries(
    specs.map(([name, { shape }]) => [name, tf.zeros(shape.map((axis) => (typeof axis === 'number' ? axis : batch)))]),
  );
}

describe.each(CONFIGS)('the $kind encoder', (config) => {
  const weights = (): Record<string, tf.Tensor> => uploadWeights(initEncoder(config, DEPTH, Random.seeded(1)));
  const run = (frames: tf.Tensor3D, states = startOf(config, frames.shape[0])): EncoderOutput =>
    encode(weights(), config, frames, states, noDropout);

  // The delta rule solves for a whole chunk at once, so that it rounds otherwise where a stream is cut otherwise.
  const rounding = config.kind === 'delta' ? 1e-5 : 1e-6;

  test('gives the same vectors for any chunking of the frames', async () => {
    const frames = framesOf(2, 1);
    const whole = await run(frames).vectors.data();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: T, maxLength: T }), async (sizes) => {
        const got: number[] = [];
        let states = startOf(config, 1);
        for (let at = 0, index = 0; at < T; index++) {
          const size = Math.min(sizes[index] ?? 1, T - at);
          const encoded = run(tf.slice(frames, [0, at, 0], [1, size, DEPTH]), states);
          got.push(...(await encoded.vectors.data()));
          states = encoded.states;
          at += size;
        }
        expect(Math.max(...got.map((value, index) => Math.abs(value - (whole[index] ?? 99))))).toBeLessThan(rounding);
      }),
      { numRuns: 20 },
    );
  });

  test('never lets a later frame change an earlier vector', async () => {
    const frames = framesOf(3, 1);
    const changed = tf.concat<tf.Tensor3D>([tf.slice(frames, [0, 0, 0], [1, 5, DEPTH]), tf.ones([1, T - 5, DEPTH])], 1);
    const [a, b] = [await run(frames).vectors.array(), await run(changed).vectors.array()];
    expect(a[0]?.slice(0, 5)).toEqual(b[0]?.slice(0, 5));
    expect(a[0]?.[5]).not.toEqual(b[0]?.[5]);
  });

  test('gives each stream of a batch what it gives it alone', async () => {
    const frames = framesOf(4, 3);
    const together = await run(frames).vectors.array();
    for (const row of [0, 1, 2]) {
      const alone = await run(tf.slice(frames, [row, 0, 0], [1, T, DEPTH])).vectors.array();
      const worst = (alone[0] ?? [])
        .flat()
        .map((value, index) => Math.abs(value - (together[row]?.flat()[index] ?? 99)));
      expect(Math.max(...worst)).toBeLessThan(1e-6);
    }
  });

  test('has a gradient for every weight that matches finite differences', async () => {
    // Which vectors are kept changes by steps, which differences would see: here all are.
    const smooth: EncoderConfig = config.kind === 'surprise' ? { ...config, kept: T } : config;
    const initial = initEncoder(smooth, DEPTH, Random.seeded(5));
    const names = Object.keys(initial);
    const frames = framesOf(6, 2);
    const loss = (...given: tf.Tensor[]): tf.Scalar => {
      const named = Object.fromEntries(names.map((name, index) => [name, given[index]!]));
      const { vectors } = encode(named, smooth, frames, startOf(smooth, 2), noDropout);
      return tf.mean<tf.Scalar>(tf.mul(vectors, framesOf(7, 2).slice([0, 0, 0], [2, T, 1])));
    };
    const given = names.map((name) => uploadWeights(initial)[name]!);
    const gradients = tf.grads(loss)(given);
    for (const [index, name] of names.entries()) {
      const array = initial[name];
      const at = Math.floor((array?.data.length ?? 0) / 2);
      const shifted = async (by: number): Promise<number> => {
        const data = Float32Array.from(array?.data ?? []);
        data[at] = (data[at] ?? 0) + by;
        const changed = given.map((old, position) => (position === index ? tf.tensor(data, old.shape) : old));
        return (await loss(...changed).data())[0] ?? Number.NaN;
      };
      const difference = ((await shifted(2e-2)) - (await shifted(-2e-2))) / 4e-2;
      const gradient = (await gradients[index]!.data())[at] ?? Number.NaN;
      expect({ name, excess: Math.abs(difference - gradient) - 0.02 * Math.abs(difference) }).toSatisfy(
        ({ excess }: { excess: number }) => excess < 2e-4,
      );
    }
  });

  test('leaks no tensor', () => {
    const [held, frames, states] = [weights(), framesOf(8, 2), startOf(config, 2)];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      encode(held, config, frames, states, noDropout);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('seededDropout', () => {
  test('drops about `rate` of the elements, scales the others, and repeats with its seed', async () => {
    const drop = async (seed: number): Promise<Float32Array> => {
      const random = Random.seeded(seed);
      return seededDropout(0.25, random)(tf.ones([4000])).data<'float32'>();
    };
    const [first, again, other] = [await drop(1), await drop(1), await drop(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const dropped = first.filter((value) => value === 0).length / first.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.04);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  });
});

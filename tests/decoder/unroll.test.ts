import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { initDecoder } from '../../src/decoder/decoder.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { Random } from '../../src/tensor/random.ts';
import { mixed } from '../attention/finite-differences.ts';
import { decoderExample, DEPTH, gap, LABELS, ORDERS } from './example.ts';

beforeAll(() => tf.setBackend('cpu'));

describe.each(ORDERS)('unrollDecoder in the order of %s', (order) => {
  const kind = { order, score: 'location' } as const;

  test('gives a prediction after the start and after each target', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const { logits, alignment } = unrollDecoder(weights, config, inputs);
    expect(logits.shape).toEqual([2, 4, 4]);
    expect(alignment.shape).toEqual([2, 4, 5]);
    expect(gap(tf.sum(alignment, 2), tf.ones([2, 4]))).toBeLessThan(1e-6);
  });

  test('lets no prediction see the targets after it', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const other = tf.tensor2d(
      [
        [3, 2, 2],
        [2, 1, 1],
      ],
      [2, 3],
      'int32',
    );
    const [a, b] = [inputs.targets, other].map(
      (targets) => unrollDecoder(weights, config, { ...inputs, targets }).logits,
    );
    const first = (x: tf.Tensor | undefined, steps: number): tf.Tensor => tf.slice(x!, [0, 0, 0], [2, steps, 4]);
    expect(gap(first(a, 2), first(b, 2))).toBe(0);
    expect(gap(first(a, 3), first(b, 3))).toBeGreaterThan(1e-3);
  });

  test('decodes nothing but the end where no row has a target', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const { logits } = unrollDecoder(weights, config, { ...inputs, targets: tf.zeros([2, 0], 'int32') });
    expect(logits.shape).toEqual([2, 1, 4]);
  });

  test('feeds its own best labels at scheduled sampling 1, whatever the targets', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const random = (): Random => Random.seeded(1);
    const sampled = unrollDecoder(weights, config, { ...inputs, scheduledSampling: 1, random: random() }).logits;
    const best = tf.argMax<tf.Tensor2D>(tf.slice(sampled, [0, 0, 0], [2, 3, 4]), 2);
    const forced = unrollDecoder(weights, config, { ...inputs, targets: best }).logits;
    expect(gap(sampled, forced)).toBeLessThan(1e-6);
    expect(gap(sampled, unrollDecoder(weights, config, inputs).logits)).toBeGreaterThan(1e-3);
  });

  test('passes through the sampled labels the gradient that the same labels as targets have', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const sampled = unrollDecoder(weights, config, {
      ...inputs,
      scheduledSampling: 1,
      random: Random.seeded(1),
    }).logits;
    const targets = tf.argMax<tf.Tensor2D>(tf.slice(sampled, [0, 0, 0], [2, 3, 4]), 2);
    const kernel = weights['decoder.gru.hidden']!;
    const gradient = (given: Parameters<typeof unrollDecoder>[2]): tf.Tensor =>
      tf.grad((moved) => mixed(unrollDecoder({ ...weights, 'decoder.gru.hidden': moved }, config, given).logits))(
        kernel,
      );
    const own = gradient({ ...inputs, scheduledSampling: 1, random: Random.seeded(1) });
    expect(gap(own, gradient({ ...inputs, targets }))).toBeLessThan(1e-4);
  });

  test('samples a share of the tokens near the probability asked for', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    const start = unrollDecoder(weights, config, { ...inputs, targets: tf.zeros([2, 0], 'int32') }).logits;
    const best = tf.argMax<tf.Tensor2D>(start, 2);
    const targets = tf.add<tf.Tensor2D>(tf.mod(best, 3), 1); // labels that the decoder would not choose itself
    const second = (logits: tf.Tensor3D): tf.Tensor => tf.slice(logits, [0, 1, 0], [2, 1, 4]);
    const forced = second(unrollDecoder(weights, config, { ...inputs, targets }).logits);
    const random = Random.seeded(5);
    let sampled = 0;
    for (let run = 0; run < 40; run++) {
      const { logits } = unrollDecoder(weights, config, { ...inputs, targets, scheduledSampling: 0.3, random });
      const change = tf.max(tf.abs(tf.sub(second(logits), forced)), 2); // [2, 1]
      sampled += tf.sum(tf.greater(change, 1e-6)).arraySync() as number;
    }
    expect(sampled).toBeGreaterThan(12); // of 80: 24 expected, deviation 4
    expect(sampled).toBeLessThan(36);
  });

  test('drops elements only where something draws them, and the same ones from the same seed', () => {
    const { weights, config, ...inputs } = decoderExample(kind, 0.5);
    const run = (random?: Random): tf.Tensor =>
      unrollDecoder(weights, config, random ? { ...inputs, random } : inputs).logits;
    const { weights: same, config: without } = decoderExample(kind);
    expect(gap(run(), unrollDecoder(same, without, inputs).logits)).toBe(0);
    expect(gap(run(Random.seeded(1)), run(Random.seeded(1)))).toBe(0);
    expect(gap(run(Random.seeded(1)), run(Random.seeded(2)))).toBeGreaterThan(1e-3);
    expect(gap(run(Random.seeded(1)), run())).toBeGreaterThan(1e-3);
  });

  test.each([
    { kind: 'monotonic' },
    { kind: 'mocha', score: 'additive', chunk: 2 },
    { kind: 'milk', score: 'general' },
  ] as const)('measures $kind attention by hard stops as it is used, and refuses to learn by them', (attention) => {
    const { weights: _, config: base, ...inputs } = decoderExample(kind);
    const config = { ...base, attention };
    const weights = Object.fromEntries(
      Object.entries(initDecoder(config, { depth: DEPTH, labelCount: LABELS }, Random.seeded(1))).map(
        ([name, { shape, data }]) => [
          name,
          name.endsWith('.offset') ? tf.tensor1d([0.1]) : tf.tensor(data, [...shape]),
        ],
      ),
    );
    const shares = unrollDecoder(weights, config, { ...inputs, stops: 'hard' }).alignment;
    const sums = tf.sum(shares, 2).flatten().arraySync();
    for (const sum of sums) expect(Math.min(Math.abs(sum), Math.abs(sum - 1))).toBeLessThan(1e-5); // stops, or does not
    const trained = tf.sum(unrollDecoder(weights, config, inputs).alignment, 2);
    expect(gap(trained, tf.sum(shares, 2))).toBeGreaterThan(1e-2);

    expect(() => unrollDecoder(weights, config, { ...inputs, stops: 'hard', random: Random.seeded(1) })).toThrow(
      'Expected `stops` to be "expected" where `random` draws for training, got "hard", which has no gradient',
    );
    const loss = (entries: tf.Tensor): tf.Scalar =>
      tf.sum(unrollDecoder(weights, config, { ...inputs, entries: entries as tf.Tensor3D, stops: 'hard' }).logits);
    expect(() => tf.grad(loss)(inputs.entries)).toThrow(
      'Expected `stops` to be "expected" where a gradient is taken, got "hard", which has none',
    );
  });

  test('names the offending argument', () => {
    const { weights, config, ...inputs } = decoderExample(kind);
    expect(() => unrollDecoder(weights, config, { ...inputs, bias: tf.zeros([2, 4]) })).toThrow(
      'Expected `bias` of shape [2, 5], got [2, 4]',
    );
    expect(() => unrollDecoder(weights, config, { ...inputs, targets: tf.zeros([1, 3]) })).toThrow(
      'Expected `targets` of shape [2, *], got [1, 3]',
    );
    for (const scheduledSampling of [-0.1, 1.1, Number.NaN]) {
      expect(() => unrollDecoder(weights, config, { ...inputs, scheduledSampling, random: Random.seeded(1) })).toThrow(
        `Expected \`scheduledSampling\` in 0..1, and a \`random\` where above 0, got ${scheduledSampling}`,
      );
    }
    expect(() => unrollDecoder(weights, config, { ...inputs, scheduledSampling: 0.1 })).toThrow(
      'Expected `scheduledSampling`',
    );
  });
});

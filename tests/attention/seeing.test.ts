/** Attention over images: masks, crops, Gaussian glimpses, and a grid of features as the entries of a memory. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  ATTENTION_SCORES,
  crop,
  gaussianFilters,
  gaussianGlimpse,
  hardMask,
  paddingBias,
  Random,
  scaledDot,
  softMask,
  tensorsOf,
} from '../../src/attention/index.ts';
import { gap } from './family.ts';
import { gradientErrors, mixed, randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const image = (height: number, width: number): tf.Tensor4D =>
  tf.reshape(tf.range(1, height * width + 1), [1, height, width, 1]);
const pixels = (glimpse: tf.Tensor): number[] => [...glimpse.dataSync()];

describe('a crop', () => {
  test('is I[y:y+h, x:x+w] at every corner, with zeros outside of the image', () => {
    const [height, width, h, w] = [4, 5, 2, 3];
    const given = image(height, width);
    const rows = given.squeeze([0, 3]).arraySync() as number[][];
    for (let y = -3; y <= height + 1; y++) {
      for (let x = -4; x <= width + 1; x++) {
        const naive = Array.from({ length: h * w }, (_, i) => rows[y + Math.floor(i / w)]?.[x + (i % w)] ?? 0);
        expect(pixels(crop(given, tf.tensor2d([[y, x]]), { height: h, width: w }))).toEqual(naive);
      }
    }
  });

  test('takes of each row of a batch another part, and all channels', () => {
    const images = randomTensor(1, 2, 4, 4, 3) as tf.Tensor4D;
    const cropped = crop(
      images,
      tf.tensor2d([
        [0, 1],
        [2, 0],
      ]),
      { height: 2, width: 2 },
    );
    expect(gap(tf.slice(cropped, [0, 0, 0, 0], [1, 2, 2, 3]), tf.slice(images, [0, 0, 1, 0], [1, 2, 2, 3]))).toBe(0);
    expect(gap(tf.slice(cropped, [1, 0, 0, 0], [1, 2, 2, 3]), tf.slice(images, [1, 2, 0, 0], [1, 2, 2, 3]))).toBe(0);
  });

  test('has a gradient in the pixels that it shows, and none in its corner', () => {
    const given = image(3, 3);
    const [ofImage, ofCorner] = tf.grads((x, corner) =>
      tf.sum(crop(x as tf.Tensor4D, corner as tf.Tensor2D, { height: 2, width: 2 })),
    )([given, tf.tensor2d([[1, -1]])]);
    expect(pixels(ofImage!)).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(pixels(ofCorner!)).toEqual([0, 0]);
  });
});

describe('a Gaussian glimpse', () => {
  test('of sharp filters a pixel apart is a crop', () => {
    const given = image(7, 7);
    const glimpse = gaussianGlimpse(given, tf.tensor2d([[0.25, -0.25, -12, Math.log(2 / 6), 0]]), 3);
    // Centre (4 · 1.25, 4 · 0.75) = column 5, row 3, from 1: the corner is row 1, column 3, from 0.
    expect(gap(glimpse, crop(given, tf.tensor2d([[1, 3]]), { height: 3, width: 3 }))).toBeLessThan(1e-4);
  });

  test('has filters whose sum is 1, wherever they lie', () => {
    const { rows, columns } = gaussianFilters(tf.tensor2d([[9, -9, -3, 1, 0]]), { height: 6, width: 8, size: 4 });
    expect([rows.shape, columns.shape]).toEqual([
      [1, 4, 6],
      [1, 4, 8],
    ]);
    for (const filters of [rows, columns]) {
      expect(gap(tf.sum(filters, 2), tf.ones([1, 4]))).toBeLessThan(1e-6);
    }
  });

  test('is found by its gradient: a blurred filter climbs to the spot', () => {
    const [row, column, side] = [7, 10, 15]; // from 1
    const place = tf.tensor1d([(row - 1) * side + column - 1], 'int32');
    const spot = tf.reshape<tf.Rank.R4>(tf.oneHot(place, side * side), [1, side, side, 1]);
    const blurred = tf.tensor2d([[1.5, 0, 0]]); // log σ², log δ̃, log γ
    const brightness = (at: tf.Tensor): tf.Scalar =>
      tf.sum(gaussianGlimpse(spot, tf.concat2d([at as tf.Tensor2D, blurred], 1), 1));
    let center = tf.tensor2d([[0, 0]]);
    for (let step = 0; step < 100; step++) center = tf.add(center, tf.mul(tf.grad(brightness)(center), 0.5));
    const [[x = 0, y = 0] = []] = center.arraySync();
    expect([x, y].map((each) => Math.round(((side + 1) / 2) * (each + 1)))).toEqual([column, row]);
  });
});

describe('a mask over features', () => {
  const sizes = { features: [3, 2, 4], mask: [3, 2, 1], cueDepth: 3, units: 5 };
  const weights = tensorsOf(softMask(sizes).init(Random.seeded(2)));
  const cue = randomTensor(4, 2, 3) as tf.Tensor2D;
  const features = randomTensor(5, 2, 3, 2, 4) as tf.Tensor4D;

  test('multiplies them by f(cue), which is between 0 and 1 and the same where its axis is 1', () => {
    const { glimpse, mask } = softMask(sizes).attend(weights, cue, features);
    expect(mask.shape).toEqual([2, 3, 2, 1]);
    expect(pixels(mask).every((a) => a > 0 && a < 1)).toBe(true);
    expect(gap(glimpse, tf.mul(features, tf.tile(mask, [1, 1, 1, 4])))).toBeLessThan(1e-7);
  });

  test('has the gradients that differences find, in network, cue and features', () => {
    const errors = gradientErrors(
      ({ cue: by, features: seen, ...moved }) => {
        const { glimpse, mask } = softMask(sizes).attend(moved, by as tf.Tensor2D, seen!);
        return mixed(glimpse, mask);
      },
      { ...weights, cue, features },
    );
    expect(Math.max(...Object.values(errors))).toBeLessThan(2e-3);
  });

  test('takes features of any number of axes, and by default a number for each', () => {
    for (const shape of [[6], [2, 3], [2, 2, 2, 2]]) {
      const mask = softMask({ features: shape, cueDepth: 3, units: 2 });
      const seen = mask.attend(tensorsOf(mask.init(Random.seeded(1))), cue, tf.ones([2, ...shape]));
      expect(seen.mask.shape).toEqual([2, ...shape]);
      expect(gap(seen.glimpse, seen.mask)).toBe(0);
    }
  });

  test('when hard is 0 or 1, as often 1 as the soft one says, and tells the log-probability of what it drew', () => {
    const draws = 3000;
    const soft = softMask(sizes).attend(weights, cue, features).mask;
    const one = tf.slice(cue, [0, 0], [1, 3]);
    const hard = hardMask({ ...sizes, random: Random.seeded(6) });
    const drawn = hard.attend(weights, tf.tile(one, [draws, 1]), tf.ones([draws, 3, 2, 4]));
    expect(new Set(pixels(drawn.mask))).toEqual(new Set([0, 1]));
    const shares = pixels(tf.mean(drawn.mask, 0));
    for (const [index, p] of pixels(tf.slice(soft, [0, 0, 0, 0], [1, 3, 2, 1])).entries()) {
      expect(Math.abs(shares[index]! - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
    }
    const p = tf.reshape(tf.slice(soft, [0, 0, 0, 0], [1, 3, 2, 1]), [1, 6]);
    const first = tf.reshape(tf.slice(drawn.mask, [0, 0, 0, 0], [1, 3, 2, 1]), [1, 6]);
    const likelihood = tf.add(tf.mul(first, p), tf.mul(tf.sub(1, first), tf.sub(1, p)));
    expect(pixels(drawn.logProbability)[0]).toBeCloseTo(tf.sum(tf.log(likelihood)).arraySync() as number, 4);
    const entropy = tf.neg(tf.add(tf.mul(p, tf.log(p)), tf.mul(tf.sub(1, p), tf.log(tf.sub(1, p)))));
    expect(pixels(drawn.entropy)[0]).toBeCloseTo(tf.sum(entropy).arraySync() as number, 4);
  });

  test('when hard and not drawn passes what is likelier to pass', () => {
    const soft = softMask(sizes).attend(weights, cue, features);
    const hard = hardMask(sizes).attend(weights, cue, features);
    expect(pixels(hard.mask)).toEqual(pixels(soft.mask).map((a) => (a > 0.5 ? 1 : 0)));
  });

  test('of another shape than the features is refused', () => {
    expect(() => softMask({ ...sizes, mask: [3, 3, 1] })).toThrow(
      expect.objectContaining({ code: 'option/out-of-range' }),
    );
    expect(() => softMask(sizes).attend(weights, cue, tf.ones([2, 3, 2, 5]))).toThrow(
      expect.objectContaining({ code: 'tensor/shape' }),
    );
  });
});

describe('attention over a grid of features', () => {
  const grid = randomTensor(7, 2, 3, 4, 5) as tf.Tensor4D; // [B, H, W, D]
  const entries = tf.reshape<tf.Rank.R3>(grid, [2, 12, 5]);
  const query = randomTensor(8, 2, 5) as tf.Tensor2D;

  test('is attention over the grid laid out as entries: the sum over space, cell by cell', () => {
    const weights = tensorsOf(scaledDot.init({ queryDepth: 5, memoryDepth: 5, attentionUnits: 5 }, Random.seeded(3)));
    const prepared = scaledDot.prepare(weights, { values: entries, bias: paddingBias([12, 12], 12) });
    const { alignment, context } = scaledDot.attend(weights, query, prepared, scaledDot.start(prepared));
    const where = tf.reshape(alignment, [2, 3, 4, 1]); // [B, H, W, 1]
    expect(gap(tf.sum(tf.mul(grid, where), [1, 2]), context)).toBeLessThan(1e-6);
  });

  test.each(Object.keys(ATTENTION_SCORES) as (keyof typeof ATTENTION_SCORES)[])(
    'by score %s is the same for space and for time: the order of entries does not count',
    (name) => {
      const mechanism = ATTENTION_SCORES[name];
      const weights = tensorsOf(mechanism.init({ queryDepth: 5, memoryDepth: 5, attentionUnits: 5 }, Random.seeded(4)));
      const attend = (values: tf.Tensor3D): tf.Tensor2D => {
        const prepared = mechanism.prepare(weights, { values, bias: paddingBias([12, 12], 12) });
        return mechanism.attend(weights, query, prepared, mechanism.start(prepared)).context;
      };
      const columnsFirst = tf.reshape<tf.Rank.R3>(tf.transpose(grid, [0, 2, 1, 3]), [2, 12, 5]);
      expect(gap(attend(columnsFirst), attend(entries))).toBeLessThan(1e-6);
    },
  );
});

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { noDropout } from '../../src/encoder/dropout.ts';
import { encode, encoderStart, initEncoder } from '../../src/encoder/encoder.ts';
import { encodePairs, pairStates } from '../../src/encoder/pair-encoder.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [DEPTH, UNITS, LENGTH, KEPT] = [3, 4, 150, 5];
const CONFIG = { kind: 'surprise', units: UNITS, heads: 2, kept: KEPT } as const;

function weights(): Record<string, tf.Tensor> {
  const random = Random.seeded(3);
  const first = Object.entries(initEncoder(CONFIG, DEPTH, random));
  return tensorsOf(Object.fromEntries(first.map(([name, { shape }]) => [name, normalArray(random, shape, 0.5)])));
}

const inputs = (): tf.Tensor3D => randomTensor(8, 1, LENGTH, DEPTH) as tf.Tensor3D; // of three axes

function run(given: tf.Tensor3D): ReturnType<typeof encode> {
  return encode(weights(), CONFIG, given, encoderStart(CONFIG, DEPTH, 1), noDropout);
}

/** Places of the most surprising vectors before `end`, the least surprising first. */
function mostSurprising(surprise: ArrayLike<number>, end: number): number[] {
  const places = Array.from({ length: end }, (_, place) => place);
  return places.toSorted((a, b) => surprise[a]! - surprise[b]! || a - b).slice(-KEPT);
}

describe('the cache chosen by surprise', () => {
  test('holds the vectors that were predicted worst, as they are, however many chunks compete', () => {
    const { surprise, states } = run(inputs());
    const pairStart = { 'state.before': tf.zeros<tf.Rank.R2>([1, DEPTH]) };
    expect(Object.keys(pairStates(DEPTH))).toEqual(Object.keys(pairStart));
    const vectors = encodePairs(weights(), inputs(), pairStart).vectors.arraySync()[0]!;
    const scores = surprise!.dataSync(); // this encoder has it
    const expected = mostSurprising(scores, LENGTH);
    expect(new Set(scores).size).toBe(LENGTH);
    expect([...states['state.surprise']!.dataSync()]).toEqual(expected.map((place) => scores[place]));
    expect(states['state.kept']!.arraySync()).toEqual([expected.map((place) => vectors[place])]);
  });

  test('a vector reads what is kept of its past and itself, and nothing else', () => {
    const given = inputs();
    const { surprise, vectors } = run(given);
    const last = LENGTH - 1;
    const seen = mostSurprising(surprise!.dataSync(), last);
    const outputOf = (x: tf.Tensor3D): number[] => run(x).vectors.arraySync()[0]![last]!;
    const before = vectors.arraySync()[0]![last]!;
    const nudged = (place: number): tf.Tensor3D => {
      const rows = given.arraySync();
      rows[0]![place] = rows[0]![place]!.map((x) => x + 1e-3); // too little to change who is kept
      return tf.tensor3d(rows);
    };
    for (const place of seen) expect(outputOf(nudged(place))).not.toEqual(before);
    const unseen = [20, 77, 101, 140].filter((place) => !seen.includes(place) && !seen.includes(place + 1));
    expect(unseen.length).toBeGreaterThan(1);
    for (const place of unseen) expect(outputOf(nudged(place))).toEqual(before);
  });

  test('what was predicted has no surprise, and of equal ones the newer is kept', () => {
    const same = tf.tile<tf.Tensor3D>(tf.ones([1, 1, DEPTH]), [1, 20, 1]);
    const { surprise, states } = run(same);
    const scores = surprise!.dataSync();
    expect(new Set(scores.slice(2)).size).toBe(1); // from the second on a pair of two alike, after a pair of two alike
    const kept = [...states['state.surprise']!.dataSync()];
    expect(kept).toEqual(mostSurprising(scores, 20).map((place) => scores[place]));
  });
});

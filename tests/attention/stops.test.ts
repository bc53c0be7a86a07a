import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { dot, milk, mocha, monotonic, paddingBias, Random, tensorsOf } from '../../src/attention/index.ts';
import { linearRecurrence, logCumulativeSum, reverseLinearRecurrence } from '../../src/attention/scan.ts';
import { stopsOf } from '../../src/attention/stops.ts';
import { at } from './score-equations.ts';

beforeAll(() => tf.setBackend('cpu'));

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Runs `logits[step]` one query after the other; gives the stops of each. */
function walk(logits: readonly number[][], kind: 'expected' | 'hard'): number[][] {
  let ahead = tf.zeros<tf.Rank.R2>([1, logits[0]?.length ?? 0]);
  return logits.map((row) => {
    const next = stopsOf(tf.tensor2d([row]), ahead, { stops: kind });
    ({ ahead } = next);
    return next.stops.arraySync()[0] ?? [];
  });
}

/** What a walk does at each entry it comes to: stops there, or goes on. Every walk with its probability. */
function* walks(logits: readonly number[][], step = 0, from = 0): Generator<{ stops: number[]; probability: number }> {
  const row = logits[step];
  if (row === undefined) {
    yield { stops: [], probability: 1 };
    return;
  }
  let going = 1;
  for (let entry = from; entry < row.length; entry++) {
    const stop = sigmoid(at(row, entry));
    for (const { stops, probability } of walks(logits, step + 1, entry)) {
      yield { stops: [entry, ...stops], probability: going * stop * probability };
    }
    going *= 1 - stop;
  }
  yield { stops: logits.slice(step).map(() => -1), probability: going }; // nowhere, and so all that follow
}

const someLogits = fc
  .record({ steps: fc.integer({ min: 1, max: 4 }), entries: fc.integer({ min: 1, max: 6 }) })
  .chain(({ steps, entries }) =>
    fc.array(fc.array(fc.float({ min: -6, max: 6, noNaN: true }), { minLength: entries, maxLength: entries }), {
      minLength: steps,
      maxLength: steps,
    }),
  );

describe('stops of monotonic attention', () => {
  test('are expected where the sum over all hard walks says', () => {
    fc.assert(
      fc.property(someLogits, (logits) => {
        const expected = logits.map((row) => row.map(() => 0));
        let total = 0;
        for (const { stops, probability } of walks(logits)) {
          total += probability;
          for (const [step, entry] of stops.entries()) {
            const row = expected[step];
            if (row !== undefined && entry >= 0) row[entry] = at(row, entry) + probability;
          }
        }
        expect(total).toBeCloseTo(1, 9);
        const own = walk(logits, 'expected');
        for (const [step, row] of expected.entries()) {
          for (const [entry, share] of row.entries()) expect(at(own[step], entry)).toBeCloseTo(share, 6);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are hard where a loop over the entries stops', () => {
    fc.assert(
      fc.property(someLogits, (logits) => {
        let from = 0;
        const loop = logits.map((row) => {
          while (from < row.length && at(row, from) <= 0) from++;
          return row.map((_, entry) => (entry === from ? 1 : 0));
        });
        expect(walk(logits, 'hard')).toEqual(loop);
      }),
      { numRuns: 60 },
    );
  });

  test('are expected where they are hard once logits are sure', () => {
    fc.assert(
      fc.property(someLogits, (logits) => {
        const sure = logits.map((row) => row.map((logit) => (logit > 0 ? 1e4 : -1e4)));
        expect(walk(sure, 'expected')).toEqual(walk(sure, 'hard'));
      }),
      { numRuns: 30 },
    );
  });

  test('lose nothing over a thousand entries, where a product of what is passed underflows', () => {
    const entries = 1000;
    const logits = [Array.from({ length: entries }, (_, entry) => (entry % 2 === 0 ? -2 : 2))];
    let going = 1;
    const expected = (logits[0] ?? []).map((logit) => {
      const share = going * sigmoid(logit);
      going *= 1 - sigmoid(logit);
      return share;
    });
    const second = [...logits, Array.from({ length: entries }, () => 1e4)]; // stops again where the first did
    const [first, again] = walk(second, 'expected');
    for (const [entry, share] of expected.entries()) {
      expect(at(first, entry)).toBeCloseTo(share, 6);
      expect(at(again, entry)).toBeCloseTo(share, 6);
    }
  });

  test('are moved by noise that the seed draws, and only where they are expected', () => {
    const sizes = { queryDepth: 2, memoryDepth: 2, attentionUnits: 3 };
    const weights = tensorsOf(monotonic().init(sizes, Random.seeded(1)));
    const attend = (options: Parameters<typeof monotonic>[0]): number[][] => {
      const mechanism = monotonic(options);
      const prepared = mechanism.prepare(weights, { values: tf.ones([1, 5, 2]), bias: paddingBias([5], 5) });
      return mechanism.attend(weights, tf.ones([1, 2]), prepared, mechanism.start(prepared)).alignment.arraySync();
    };
    const noisy = attend({ noise: Random.seeded(7) });
    expect(noisy).toEqual(attend({ noise: Random.seeded(7) }));
    expect(noisy).not.toEqual(attend({ noise: Random.seeded(8) }));
    expect(noisy).not.toEqual(attend({}));
    expect(attend({ stops: 'hard', noise: Random.seeded(7) })).toEqual(attend({ stops: 'hard' }));
  });
});

describe('soft attention from a stop', () => {
  const sizes = { queryDepth: 3, memoryDepth: 2, attentionUnits: 4 };
  const values = tf.tensor3d(
    Array.from({ length: 24 }, (_, index) => Math.sin(index)),
    [1, 12, 2],
  );
  const query = tf.tensor2d([[0.5, -1, 2]]);

  test('is the stop itself where a chunk has one entry', () => {
    const [single, plain] = [mocha({ chunk: 1 }), monotonic()];
    const weights = tensorsOf(single.init(sizes, Random.seeded(1)));
    const stop = tensorsOf(plain.init(sizes, Random.seeded(1))); // drawn first, so the same
    const memory = { values, bias: paddingBias([12], 12) };
    const [a, b] = [single.prepare(weights, memory), plain.prepare(stop, memory)];
    const own = single.attend(weights, query, a, single.start(a)).alignment.arraySync()[0] ?? [];
    const other = plain.attend(stop, query, b, plain.start(b)).alignment.arraySync()[0] ?? [];
    for (const [entry, share] of own.entries()) expect(share).toBeCloseTo(at(other, entry), 7);
  });

  test('looks back without end where a chunk is as long as the memory', () => {
    const [long, endless] = [mocha({ chunk: 12 }), milk()];
    const weights = tensorsOf(endless.init(sizes, Random.seeded(2)));
    const prepared = endless.prepare(weights, { values, bias: paddingBias([12], 12) });
    const own = long.attend(weights, query, prepared, long.start(prepared)).alignment.arraySync()[0] ?? [];
    const other = endless.attend(weights, query, prepared, endless.start(prepared)).alignment.arraySync()[0] ?? [];
    for (const [entry, share] of own.entries()) expect(share).toBeCloseTo(at(other, entry), 6);
  });

  test('is expected where it is hard once stops are sure', () => {
    for (const make of [
      (stops: 'hard' | 'expected') => mocha({ chunk: 3, stops }),
      (stops: 'hard' | 'expected') => milk({ stops }),
    ]) {
      const [hard, expected] = [make('hard'), make('expected')];
      const drawn = tensorsOf(hard.init(sizes, Random.seeded(3)));
      const weights = { ...drawn, 'stop.gain': tf.tensor1d([-3e4]), 'stop.offset': tf.tensor1d([0]) };
      const prepared = hard.prepare(weights, { values, bias: paddingBias([12], 12) });
      const state = { ahead: tf.tensor2d([[1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]]) };
      const [a, b] = [hard, expected].map((each) => each.attend(weights, query, prepared, state).alignment.arraySync());
      expect(a?.flat().some((share) => share > 0)).toBe(true);
      for (const [entry, share] of (a?.[0] ?? []).entries()) expect(at(b?.[0], entry)).toBeCloseTo(share, 6);
    }
  });
});

describe('soft attention from a stop, in numbers that float32 strains', () => {
  const random = Random.seeded(5);
  const places = Array.from({ length: 400 }, () => Math.fround(0.1 * random.normal() - 0.15));
  /** Of looking: one entry in the middle is so loud that exp(u - max u) of all others is 0 in any float. */
  const loudness = places.map((_, e) => Math.fround(e === 200 ? 1e4 : random.normal()));
  const weights = {
    // The logit of stopping is 20 tanh of a key's first number; the score of looking is its second.
    'stop.query': tf.zeros([2, 1]),
    'stop.key': tf.tensor2d([[1], [0]]),
    'stop.bias': tf.zeros([1]),
    'stop.score': tf.ones([1]),
    'stop.gain': tf.tensor1d([20]),
    'stop.offset': tf.zeros([1]),
  };

  /** The double sum of the papers, in float64; a chunk of all entries is MILk's. */
  function doubleSum(chunk: number): number[] {
    let going = 1;
    const shares = places.map(() => 0);
    for (const [k, place] of places.entries()) {
      const stop = sigmoid(20 * Math.tanh(place));
      const first = Math.max(0, k - chunk + 1);
      const seen = loudness.slice(first, k + 1);
      const largest = Math.max(...seen);
      const total = seen.reduce((sum, u) => sum + Math.exp(u - largest), 0);
      for (const [index, u] of seen.entries()) {
        shares[first + index] = at(shares, first + index) + (going * stop * Math.exp(u - largest)) / total;
      }
      going *= 1 - stop;
    }
    return shares;
  }

  test.each([
    ['mocha', mocha({ chunk: 3, attention: dot }), 3],
    ['milk', milk({ attention: dot }), places.length],
  ] as const)('%s is what its double sum is', (_, mechanism, chunk) => {
    const values = tf.tensor3d([places.map((place, e) => [place, at(loudness, e)])]);
    const prepared = mechanism.prepare(weights, { values, bias: paddingBias([places.length], places.length) });
    const { alignment } = mechanism.attend(weights, tf.tensor2d([[0, 1]]), prepared, mechanism.start(prepared));
    const own = alignment.arraySync()[0] ?? [];
    const expected = doubleSum(chunk);
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
    for (const [e, share] of expected.entries()) expect(Math.abs(at(own, e) - share)).toBeLessThan(1e-6);
  });
});

describe('a scan', () => {
  const numbers = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
    {
      minLength: 1,
      maxLength: 40,
    },
  );

  test('is the recurrence, forwards and backwards', () => {
    fc.assert(
      fc.property(numbers, (pairs) => {
        const [decay, input] = [tf.tensor2d([pairs.map(([d]) => d)]), tf.tensor2d([pairs.map(([, x]) => x)])];
        let sum = 0;
        const forwards = pairs.map(([d, x]) => (sum = d * sum + x));
        sum = 0;
        const backwards = pairs
          .toReversed()
          .map(([d, x]) => (sum = d * sum + x))
          .toReversed();
        for (const [own, expected] of [
          [linearRecurrence(decay, input), forwards],
          [reverseLinearRecurrence(decay, input), backwards],
        ] as const) {
          for (const [index, value] of expected.entries()) expect(at(own.arraySync()[0], index)).toBeCloseTo(value, 3);
        }
      }),
    );
  });

  test('sums exponentials of any size', () => {
    const x = [-1e9, 3, -1e4, 3, 1e4, -5, 1e4];
    const sums = logCumulativeSum(tf.tensor2d([x])).arraySync()[0];
    const expected = [-1e9, 3, 3, 3 + Math.log(2), 1e4, 1e4, 1e4 + Math.log(2)];
    for (const [index, value] of expected.entries()) expect(at(sums, index) / value).toBeCloseTo(1, 6);
  });
});

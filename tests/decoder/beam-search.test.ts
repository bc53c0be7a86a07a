import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { lengthPenalty, searchBeam } from '../../src/decoder/beam-search.ts';
import { createToyDecoder, sequencesUpTo, toyLogProbability, toyProbabilities } from './toy-decoder.ts';

/** A beam that is wide enough for the toys, and the usual penalty. */
const USUAL = { beamSize: 8, lengthExponent: 0.6 };

const seeds = fc.integer({ min: 0, max: 1e6 });
const exponents = fc.constantFrom(0, 0.6, 1, 2);

describe('beam search', () => {
  test('finds the best of all sequences when nothing is pruned', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, exponents, fc.subarray([1, 2, 3]), async (seed, lengthExponent, allowed) => {
        const { step } = createToyDecoder(3, seed);
        const [best] = await searchBeam(step, { labelCount: 3, maxLength: 3, beamSize: 200, lengthExponent, allowed });
        const scores = sequencesUpTo(3, allowed).map((labels) => {
          return toyLogProbability(labels, 3, seed) / ((5 + labels.length) / 6) ** lengthExponent;
        });
        expect(best?.score).toBeCloseTo(Math.max(...scores), 9);
      }),
    );
  });

  test('lists finished hypotheses with their true log-probabilities, distinct, best first, at most a beam of them', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 1, max: 6 }), async (seed, beamSize) => {
        const { step, batchSizes } = createToyDecoder(4, seed);
        const found = await searchBeam(step, { ...USUAL, labelCount: 4, maxLength: 6, beamSize });
        expect(found.length).toBeGreaterThan(0);
        expect(found.length).toBeLessThanOrEqual(beamSize);
        expect(Math.max(...batchSizes)).toBeLessThanOrEqual(beamSize);
        expect(new Set(found.map(({ labels }) => labels.join())).size).toBe(found.length);
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        for (const { labels, logProbability, score } of found) {
          expect(logProbability).toBeCloseTo(toyLogProbability(labels, 4, seed), 9);
          expect(score).toBeCloseTo(logProbability / lengthPenalty(labels.length, 0.6), 9);
        }
      }),
    );
  });

  test('with a beam of 1 takes the likeliest symbol at every step', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const labels: number[] = [];
        for (let ended = false; !ended && labels.length < 8; ) {
          const probabilities = toyProbabilities(labels, 3, seed);
          const next = probabilities.indexOf(Math.max(...probabilities));
          ended = next === 0;
          if (!ended) labels.push(next);
        }
        const { step } = createToyDecoder(3, seed);
        const found = await searchBeam(step, { ...USUAL, labelCount: 3, maxLength: 8, beamSize: 1 });
        expect(found.map((hypothesis) => hypothesis.labels)).toEqual([labels]);
      }),
    );
  });

  test('stops when no hypothesis can become the best', async () => {
    let steps = 0;
    const certain = async (tokens: Int32Array) => {
      steps++;
      const rows = Array.from(tokens, (token) => (token === 0 ? [0.001, 0.998, 0.001] : [0.998, 0.001, 0.001]));
      return { logProbabilities: { width: 3, data: Float64Array.from(rows.flat(), Math.log) } };
    };
    const [best] = await searchBeam(certain, { ...USUAL, labelCount: 2, maxLength: 50 });
    expect(best?.labels).toEqual([1]);
    expect(steps).toBeLessThan(6);
  });

  test('prefers longer hypotheses the more, the greater the exponent', async () => {
    expect(lengthPenalty(1, 0.6)).toBe(1);
    expect(lengthPenalty(7, 1)).toBe(2);
    // [1] has probability 0.5, [1, 1] 0.25, and nothing else is likely.
    const steady = async (tokens: Int32Array) => {
      const rows = Array.from(tokens, (token) => (token === 0 ? [0.001, 0.999] : [0.5, 0.5]));
      return { logProbabilities: { width: 2, data: Float64Array.from(rows.flat(), Math.log) } };
    };
    const lengthAt = async (lengthExponent: number) =>
      (await searchBeam(steady, { ...USUAL, labelCount: 1, maxLength: 40, lengthExponent }))[0]?.labels.length;
    expect(await lengthAt(0)).toBe(1);
    expect(await lengthAt(2)).toBeGreaterThan(1);
  });

  test('says nothing where only the end is allowed, and has no hypothesis where nothing is possible', async () => {
    const { step } = createToyDecoder(2, 1);
    const silent = await searchBeam(step, { ...USUAL, labelCount: 2, maxLength: 5, allowed: [] });
    expect(silent.map(({ labels }) => labels)).toEqual([[]]);
    const impossible = async () => ({ logProbabilities: { width: 3, data: new Float32Array(3).fill(-Infinity) } });
    expect(await searchBeam(impossible, { ...USUAL, labelCount: 2, maxLength: 5 })).toEqual([]);
  });

  test('refuses rows of a wrong shape and options out of range', async () => {
    const wrong = async () => ({ logProbabilities: { width: 3, data: new Float32Array(6) } });
    await expect(searchBeam(wrong, { ...USUAL, labelCount: 2, maxLength: 5 })).rejects.toThrow(
      'of shape [1, 3], got [2, 3]',
    );
    const { step } = createToyDecoder(2, 1);
    await expect(searchBeam(step, { ...USUAL, labelCount: 2, maxLength: -1 })).rejects.toThrow('Expected `maxLength`');
    await expect(searchBeam(step, { ...USUAL, labelCount: 2, maxLength: 1, beamSize: 0 })).rejects.toThrow(
      'Expected `beamSize`',
    );
  });

  test('hands on what the decoder throws', async () => {
    const failing = () => Promise.reject(new Error('no device'));
    await expect(searchBeam(failing, { ...USUAL, labelCount: 2, maxLength: 5 })).rejects.toThrow('no device');
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { searchBeam } from '../../src/decoder/beam-search.ts';
import { averageSteps } from '../../models/g2p-en/ensemble.ts';
import { createToyDecoder, sequencesUpTo, toyProbabilities } from '../decoder/toy-decoder.ts';

const SEARCH = { labelCount: 3, maxLength: 3, beamSize: 200, lengthExponent: 0 };

/** Log-probability of `labels` and the end, by the mean of both toys' probabilities at each step. */
function logProbabilityOfMean(labels: readonly number[], seeds: readonly number[]): number {
  return [...labels, 0].reduce((sum, symbol, step) => {
    const each = seeds.map((seed) => toyProbabilities(labels.slice(0, step), 3, seed)[symbol] ?? 0);
    return sum + Math.log(each.reduce((total, value) => total + value, 0) / seeds.length);
  }, 0);
}

test('an ensemble finds the sequence that is likeliest by the mean of its members', async () => {
  const pairs = fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }));
  await fc.assert(
    fc.asyncProperty(pairs, async (seeds) => {
      const [best] = await searchBeam(averageSteps(seeds.map((seed) => createToyDecoder(3, seed).step)), SEARCH);
      const scores = sequencesUpTo(3, [1, 2, 3]).map((labels) => logProbabilityOfMean(labels, seeds));
      expect(best?.logProbability).toBeCloseTo(Math.max(...scores), 9);
      expect(best?.logProbability).toBeCloseTo(logProbabilityOfMean(best?.labels ?? [], seeds), 9);
    }),
  );
});

test('what one member holds impossible is as likely as the others make it', async () => {
  const never = async () => ({ logProbabilities: { width: 2, data: Float64Array.of(0, Number.NEGATIVE_INFINITY) } });
  const often = async () => ({ logProbabilities: { width: 2, data: Float64Array.of(Math.log(0.5), Math.log(0.5)) } });
  const start = [Int32Array.of(0), Int32Array.of(0)] as const;
  const mixed = await averageSteps([never, often])(...start);
  expect([...mixed.logProbabilities.data].map(Math.exp)).toEqual([0.75, 0.25]);
  const both = await averageSteps([never, never])(...start);
  expect([...both.logProbabilities.data]).toEqual([0, Number.NEGATIVE_INFINITY]);
});

test('members of unlike vocabularies are refused', async () => {
  const members = [createToyDecoder(3, 1).step, createToyDecoder(4, 1).step];
  await expect(averageSteps(members)(Int32Array.of(0), Int32Array.of(0))).rejects.toMatchObject({
    code: 'search/rows',
    message: 'Expected `members` with 4 symbols each, got 5 of another',
  });
});

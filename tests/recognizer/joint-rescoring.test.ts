import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type JointRescoring, rescoreJointly } from '../../src/recognizer/joint-rescoring.ts';
import { scoreByTeacherForcing } from '../../src/decoder/teacher-forcing.ts';
import { anyRows, ctcScore, rowsOf } from '../ctc/support.ts';
import { createToyDecoder, sequencesUpTo, toyLogProbability } from '../decoder/toy-decoder.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });
const sequences = fc.array(fc.array(fc.constantFrom(1, 2, 3), { maxLength: 5 }), { maxLength: 8 });

describe('teacher forcing', () => {
  test('gives every sequence its log-probability, whatever else is in the batch', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, sequences, async (seed, batch) => {
        const scores = await scoreByTeacherForcing(createToyDecoder(3, seed).step, batch);
        expect(scores.length).toBe(batch.length);
        for (const [index, labels] of batch.entries()) {
          expect(scores[index]?.logProbability).toBeCloseTo(toyLogProbability(labels, 3, seed), 9);
        }
      }),
    );
  });

  test('gives the alignment of each label and not that of the end', async () => {
    const [empty, two] = await scoreByTeacherForcing(createToyDecoder(3, 1).step, [[], [2, 3]]);
    expect(empty?.alignment).toBeUndefined();
    // The toy attends to [labels fed, the newest, 1].
    expect(two?.alignment).toEqual(Float32Array.of(0, 0, 1, 1, 2, 1));
  });

  test('runs as many steps as the longest sequence needs, and drops those that ended', async () => {
    const { step, batchSizes } = createToyDecoder(3, 1);
    await scoreByTeacherForcing(step, [[1], [1, 2, 3], []]);
    expect(batchSizes).toEqual([3, 2, 1, 1]);
    expect(await scoreByTeacherForcing(step, [])).toEqual([]);
  });

  test('refuses labels that the decoder does not know', async () => {
    const { step } = createToyDecoder(3, 1);
    await expect(scoreByTeacherForcing(step, [[4]])).rejects.toThrow(
      'Expected `sequences` to hold label ids in 1..3, got 4',
    );
  });
});

describe('joint rescoring', () => {
  const scoreWith =
    (seed: number): JointRescoring['scoreHypotheses'] =>
    (labels) =>
      scoreByTeacherForcing(createToyDecoder(2, seed).step, labels);

  test('ranks by the weighted sum of both scores, with posteriors that sum to 1', async () => {
    const candidates = sequencesUpTo(3, [1, 2]);
    const weights = fc.constantFrom(0, 0.3, 0.5, 1);
    await fc.assert(
      fc.asyncProperty(anyRows(2, { min: 3, max: 6 }), seeds, weights, async (rows, seed, ctcWeight) => {
        const scoreHypotheses = scoreWith(seed);
        const ranked = await rescoreJointly({ rows, candidates, scoreHypotheses, ctcWeight });
        const expected = candidates.map((labels) => {
          const ctc = ctcWeight === 0 ? 0 : ctcWeight * ctcScore(rows, labels);
          return ctc + (1 - ctcWeight) * toyLogProbability(labels, 2, seed);
        });
        expect(ranked.length).toBe(candidates.length);
        expect(ranked[0]?.logProbability).toBeCloseTo(Math.max(...expected), 9);
        expect(ranked.reduce((sum, { posterior }) => sum + posterior, 0)).toBeCloseTo(1, 9);
        const scores = ranked.map(({ logProbability }) => logProbability);
        expect(scores).toEqual(scores.toSorted((a, b) => (a === b ? 0 : b - a)));
      }),
    );
  });

  test('scores what both lists hold only once, and keeps its alignment', async () => {
    const rows = rowsOf([
      [0.2, 0.7, 0.1],
      [0.2, 0.1, 0.7],
    ]);
    const candidates = [[1, 2], [1], [1, 2]];
    const ranked = await rescoreJointly({ rows, candidates, scoreHypotheses: scoreWith(1), ctcWeight: 0.5 });
    expect(ranked.length).toBe(2);
    expect(ranked.find(({ labels }) => labels.length === 2)?.alignment?.length).toBe(2 * 3);
  });

  test('lets what CTC holds impossible win only where CTC has no say', async () => {
    const rows = rowsOf([[0.5, 0.5, 0]]);
    const rescore = (ctcWeight: number) =>
      rescoreJointly({
        rows,
        candidates: [[2], [1]],
        scoreHypotheses: async () => [{ logProbability: -1 }, { logProbability: -9 }],
        ctcWeight,
      });
    expect((await rescore(0))[0]?.labels).toEqual([2]);
    const [best, worst] = await rescore(0.1);
    expect(best?.labels).toEqual([1]);
    expect(worst).toMatchObject({ logProbability: Number.NEGATIVE_INFINITY, posterior: 0 });
  });

  test('of nothing is nothing, and asks nobody', async () => {
    const scoreHypotheses = () => Promise.reject(new Error('asked'));
    expect(await rescoreJointly({ rows: rowsOf([], 3), candidates: [], scoreHypotheses, ctcWeight: 0.5 })).toEqual([]);
  });

  test('refuses a weight out of range and scores that are missing', async () => {
    const rescoring = {
      rows: rowsOf([[0.5, 0.5]]),
      candidates: [[1]],
      scoreHypotheses: async () => [],
      ctcWeight: 0.5,
    };
    await expect(rescoreJointly({ ...rescoring, ctcWeight: 2 })).rejects.toThrow('Expected `ctcWeight` in 0..1, got 2');
    await expect(rescoreJointly(rescoring)).rejects.toThrow('to give 1 scores, got 0');
  });
});

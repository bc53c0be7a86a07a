import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { timeWords, type UtteranceWords } from '../../src/recognizer/word-times.ts';
import { anyRows, rowsOf } from '../ctc/support.ts';

const words = new Map([
  [1, 'one'],
  [2, 'two'],
]);

/** "one two": sound in rows 2-4 and 6-8, emitted in rows 4 and 8. */
const utterance: UtteranceWords = {
  rows: rowsOf(
    [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0].map((symbol) => [0, 1, 2].map((other) => (other === symbol ? 0.8 : 0.1))),
  ),
  energies: [-7, -7, 0, 0, 0, -7, 0, 0, 0, -7, -7],
  labels: [1, 2],
  words,
  nBest: [
    { labels: [1, 2], logProbability: Math.log(0.6) },
    { labels: [2, 2], logProbability: Math.log(0.3) },
    { labels: [2], logProbability: Math.log(0.1) },
  ],
  startSeconds: 10,
  secondsPerVector: 0.04,
  decoding: DEFAULT_DECODING,
};

describe('timed words', () => {
  test('are written as the grammar does, where their sound is in the stream', () => {
    const timed = timeWords(utterance);
    expect(timed.map(({ word }) => word)).toEqual(['one', 'two']);
    expect(timed[0]?.start).toBeCloseTo(10.08, 9);
    expect(timed[0]?.end).toBeCloseTo(10.2, 9);
    expect(timed[1]?.start).toBeCloseTo(10.24, 9);
    expect(timed[1]?.end).toBeCloseTo(10.36, 9);
  });

  test('are as sure as the less sure of the n-best list and the rows that emitted them', () => {
    const [one, two] = timeWords(utterance);
    expect(one?.confidence).toBeCloseTo(0.6, 9);
    expect(two?.confidence).toBeCloseTo(8 / 9, 9);
  });

  test('are measured against the labels that were allowed', () => {
    const onlyTwo = new Map([[2, 'two']]);
    const [two] = timeWords({
      ...utterance,
      words: onlyTwo,
      labels: [2],
      nBest: [{ labels: [2], logProbability: -3 }],
    });
    expect(two?.confidence).toBeCloseTo(1, 9);
  });

  test('are surer where other labels are less probable', () => {
    const sure = utterance.rows.data.map((value) => (value < -2 ? -6 : value));
    const timed = timeWords({ ...utterance, rows: { width: 3, data: sure } });
    expect(timed[1]?.confidence ?? 0).toBeGreaterThan(timeWords(utterance)[1]?.confidence ?? 1);
  });

  test('have finite times in order inside the utterance and probabilities, whatever the model says', () => {
    const labels = fc.array(fc.constantFrom(1, 2), { maxLength: 4 });
    const energies = fc.array(fc.double({ min: -16, max: 5, noNaN: true }), { minLength: 16, maxLength: 16 });
    const nBest = fc.array(fc.record({ labels, logProbability: fc.double({ min: -50, max: 0, noNaN: true }) }));
    fc.assert(
      fc.property(anyRows(2, { min: 8, max: 16 }), labels, energies, nBest, (rows, said, loudness, list) => {
        const possible = { width: 3, data: rows.data.map((value) => Math.max(value, -40)) };
        const timed = timeWords({
          ...utterance,
          rows: possible,
          labels: said,
          energies: loudness.slice(0, rows.data.length / 3),
          nBest: list,
        });
        expect(timed.length).toBe(said.length);
        let previous = 10;
        for (const { start, end, confidence } of timed) {
          expect(start).toBeGreaterThanOrEqual(previous);
          expect(end).toBeGreaterThan(start);
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1 + 1e-12);
          previous = end;
        }
        expect(previous).toBeLessThanOrEqual(10 + 0.04 * (rows.data.length / 3) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  test('of nothing are nothing, also without rows', () => {
    expect(timeWords({ ...utterance, labels: [] })).toEqual([]);
    expect(timeWords({ ...utterance, rows: rowsOf([], 3), energies: [], labels: [] })).toEqual([]);
  });

  test('name what does not fit together', () => {
    expect(() => timeWords({ ...utterance, energies: [0] })).toThrow('Expected `energies` of 11 rows, got 1');
    expect(() => timeWords({ ...utterance, words: new Map([[1, 'one']]) })).toThrow('that `words` writes (1), got 2');
    expect(() => timeWords({ ...utterance, labels: Array.from({ length: 12 }, () => 1) })).toThrow('that a path of 11');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { reportSpeakers, rightWords } from '../../corpora/speaker-scores.ts';
import type { ScoredItem } from '../../corpora/scores.ts';

const item = (kind: ScoredItem['kind'], speaker: string, said: string, heard: string): ScoredItem => ({
  kind,
  speaker,
  said: said.split(' '),
  heard: heard.split(' ').filter((word) => word !== ''),
});

describe('errors by speaker', () => {
  const report = reportSpeakers([
    item('isolated', 'Ann', 'nine', 'five'),
    item('connected', 'Ann', 'one nine one', 'one five one'),
    item('isolated', 'Ann', 'b', 'b'),
    item('isolated', 'Bob', 'two', 'two two'),
    item('connected', 'Bob', 'two two', 'two two'),
    item('isolated', 'Cid', 'a', ''),
  ]);

  test('are of digits and of letters, as far as somebody says them', () => {
    expect(report.perSpeaker).toEqual([
      { name: 'Ann', digits: { errors: 2, total: 4 }, letters: { errors: 0, total: 1 }, errors: 2, total: 5 },
      { name: 'Bob', digits: { errors: 1, total: 3 }, errors: 1, total: 3 },
      { name: 'Cid', letters: { errors: 1, total: 1 }, errors: 1, total: 1 },
    ]);
  });

  test('have a middle and a worst, of speakers and not of words', () => {
    expect(report.median).toEqual({ digits: (2 / 4 + 1 / 3) / 2, letters: 0.5 });
    expect(report.worst).toEqual({ digits: 0.5, letters: 1 });
  });

  test('name the words that are misheard wherever they stand', () => {
    expect(report.misheard).toEqual([{ name: 'Ann', word: 'nine', errors: 2, total: 2 }]);
  });
});

describe('words that were said', () => {
  test('are right where they stand in what was heard, whatever was heard between', () => {
    expect(rightWords(['a', 'b', 'c'], ['x', 'a', 'c'])).toEqual([true, false, true]);
    expect(rightWords(['a', 'b'], [])).toEqual([false, false]);
    expect(rightWords([], ['a'])).toEqual([]);
    expect(rightWords(['a', 'a', 'b'], ['a', 'b', 'a', 'b'])).toEqual([true, true, true]);
  });

  test('are right as in one of the alignments with the fewest errors', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 });
    fc.assert(
      fc.property(words, words, (said, heard) => {
        const all = alignments(said, heard);
        const fewest = Math.min(...all.map(({ errors }) => errors));
        const best = all.filter(({ errors }) => errors === fewest).map(({ right }) => right);
        expect(best).toContainEqual(rightWords(said, heard));
      }),
    );
  });
});

type Aligned = { readonly errors: number; readonly right: readonly boolean[] };

/** Every way to go through both, a word of one, of the other or of both at a time. */
function alignments(said: readonly string[], heard: readonly string[]): Aligned[] {
  if (said.length === 0) return [{ errors: heard.length, right: [] }];
  const missed = alignments(said.slice(1), heard).map(({ errors, right }) => ({
    errors: errors + 1,
    right: [false, ...right],
  }));
  if (heard.length === 0) return missed;
  const isRight = said[0] === heard[0];
  const paired = alignments(said.slice(1), heard.slice(1)).map(({ errors, right }) => ({
    errors: errors + (isRight ? 0 : 1),
    right: [isRight, ...right],
  }));
  const added = alignments(said, heard.slice(1)).map(({ errors, right }) => ({ errors: errors + 1, right }));
  return [...missed, ...paired, ...added];
}

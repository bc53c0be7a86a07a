import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { boostedWalk } from '../../src/grammar/boosts.ts';
import { codeGrammar } from '../../src/grammar/code-grammar.ts';
import { chosenGrammar, type GrammarChoice } from '../../src/grammar/grammar-choice.ts';
import { idsOf, SPOKEN } from './spoken-vocabulary.ts';

const readings = (grammar: GrammarChoice, words: string) =>
  chosenGrammar({ vocabulary: SPOKEN, language: 'en' }, grammar).code!.walk.readings(idsOf(words), 10);

describe('phrases', () => {
  test('are the only things that may be said, and are written as their labels', () => {
    const phrases = ['alpha bravo', { phrase: 'Alpha  two', label: 'A2' }, { phrase: 'alpha', label: 'A' }];
    expect(readings({ phrases }, 'alpha bravo')).toEqual([{ written: 'alpha bravo', weight: 0, complete: true }]);
    expect(readings({ phrases }, 'alpha two')).toEqual([{ written: 'A2', weight: 0, complete: true }]);
    expect(readings({ phrases }, 'alpha')).toEqual([{ written: 'A', weight: 0, complete: true }]);
    expect(readings({ phrases }, 'bravo')).toEqual([]);
  });

  test('are as much likelier as their boosts say, and no word of one takes away what a likelier one may still give', () => {
    const { walk } = codeGrammar(SPOKEN, 'en', {
      phrases: [
        { phrase: 'one two three', boost: 1 },
        { phrase: 'one two four', boost: 5 },
        { phrase: 'six', boost: 3 },
      ],
    }).code;
    const weightOf = (words: string): number => walk.follow(idsOf(words))!.weight;
    expect(weightOf('one')).toBe(0);
    expect(weightOf('one two four')).toBe(0);
    expect(weightOf('one two three')).toBe(-4);
    expect(weightOf('six')).toBe(-2);
  });

  test('are less likely to be valid where they have a threshold', () => {
    const { code } = codeGrammar(SPOKEN, 'en', { phrases: [{ phrase: 'one', threshold: 0.9, label: 'first' }, 'two'] });
    expect(['first', 'two'].map((written) => code.leastPosterior(written))).toEqual([0.9, 0]);
  });

  test.each(['one', ' Alpha  two ', 'a b one', 'alpha A b'])('have the threshold of what "%s" writes', (phrase) => {
    const { code } = codeGrammar(SPOKEN, 'en', { phrases: [{ phrase, threshold: 0.5 }, 'nine'] });
    const spoken = phrase.toLowerCase().split(' ').filter(Boolean).join(' ');
    const [reading] = code.walk.readings(idsOf(spoken), 1);
    expect(code.leastPosterior(reading!.written)).toBe(0.5);
  });

  test.each([
    ['no list', { phrases: 'one' }, 'option/type', 'a list of phrases'],
    ['none', { phrases: [] }, 'grammar/empty', '`phrases`'],
    ['an empty one', { phrases: ['one', ' '] }, 'grammar/empty', '`phrases[1]`'],
    ['what is no phrase', { phrases: [7] }, 'option/type', '`phrases[0]`'],
    ['an unknown field', { phrases: [{ phrase: 'one', weight: 1 }] }, 'option/unknown-name', '`weight`'],
    ['a boost out of range', { phrases: [{ phrase: 'one', boost: 101 }] }, 'option/out-of-range', '-100..100'],
    ['a threshold out of range', { phrases: [{ phrase: 'one', threshold: 2 }] }, 'option/out-of-range', '0..1'],
    ['an unknown word', { phrases: ['one', 'one zebra'] }, 'grammar/unknown-word', "'zebra' (phrase 2)"],
    [
      'a threshold where words are boosted',
      { boosts: [{ phrase: 'one', threshold: 1 }] },
      'option/unknown-name',
      '`threshold`',
    ],
    ['two forms', { phrases: ['one'], pattern: '1' }, 'option/unknown-name', 'got pattern and phrases'],
    ['a label that is none', { phrases: [{ phrase: 'one', label: 1 }] }, 'option/type', '`phrases[0].label`'],
  ])('with %s are refused', (_, form, code, message) => {
    const compile = (): unknown => codeGrammar(SPOKEN, 'en', form as never);
    expect(compile).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

describe('boosts', () => {
  test('write labels for phrases, the longest first, among words in any order', () => {
    const grammar = {
      boosts: [{ phrase: 'one two', label: 'OT' }, { phrase: 'one two three', label: 'OTT' }, 'zebra one'],
      among: 'digits',
    };
    expect(readings(grammar, 'one two one two three four')[0]).toMatchObject({
      written: 'OT OTT four',
      complete: true,
    });
    expect(chosenGrammar({ vocabulary: SPOKEN, language: 'en' }, grammar).code?.unknownWords).toEqual(['zebra']);
  });

  const labels = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
  const boosted = fc.array(fc.record({ labels, boost: fc.integer({ min: -2, max: 6 }) }), {
    minLength: 1,
    maxLength: 5,
  });
  const words = new Map([1, 2, 3, 4].map((label) => [label, String(label)]));

  test('gain in all what the phrases do that are found from left to right, the longest first', () => {
    fc.assert(
      fc.property(boosted, fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }), (phrases, said) => {
        const walk = boostedWalk(words, phrases);
        let expected = 0;
        for (let start = 0; start < said.length; ) {
          const found = phrases.filter((one) => one.labels.every((label, index) => said[start + index] === label));
          const longest = Math.max(0, ...found.map((one) => one.labels.length));
          const best = Math.max(...found.filter((one) => one.labels.length === longest).map(({ boost }) => boost));
          if (longest > 0) expected += best;
          start += Math.max(1, longest);
        }
        expect(walk.readings(said, 1)[0]!.weight).toBeCloseTo(expected, 9);
        // A word that is in no phrase breaks off whatever has begun.
        expect(walk.follow([...said, 4])!.weight).toBeCloseTo(expected, 9);
      }),
      { numRuns: 2_000 },
    );
  });

  test('gain at most what the walk says for any word', () => {
    fc.assert(
      fc.property(
        boosted,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
        (phrases, said) => {
          const walk = boostedWalk(words, phrases);
          const before = walk.follow(said.slice(0, -1))!;
          const after = walk.follow(said)!;
          expect(after.weight - before.weight).toBeLessThanOrEqual(walk.greatest + 1e-9);
          const { labels: all, next, weights } = walk.steps(before.state);
          const index = all.indexOf(said.at(-1)!);
          expect([next[index], weights[index]]).toEqual([after.state, expect.closeTo(after.weight - before.weight, 9)]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a grammar that is built in', () => {
  test.each([
    ['builtin:grammar/digits?length=2', [false, true, false]],
    ['builtin:grammar/digits?minlength=2', [false, true, true]],
    ['builtin:grammar/digits?minlength=1;maxlength=2', [true, true, false]],
    ['builtin:grammar/digits?minlength=1&maxlength=2', [true, true, false]],
    ['builtin:grammar/digits', [true, true, true]],
  ])('%s hears digits', (address, heard) => {
    const said = ['four', 'four oh', 'four oh two'];
    const complete = said.map((words) => readings(address, words).some((reading) => reading.complete));
    expect(complete).toEqual(heard);
    expect(readings(address, 'four oh')[0]?.written).toBe('40');
  });

  test.each([
    ['builtin:grammar/boolean', 'Expected `builtin:grammar/digits`'],
    ['builtin:grammar/digits?length=0', 'a number from 1 to 9999'],
    ['builtin:grammar/digits?size=3', 'length, minlength, maxlength'],
    ['builtin:grammar/digits?length=3;minlength=2', '`length`, or'],
    ['builtin:grammar/digits?minlength=3;maxlength=2', 'at most `maxlength`'],
  ])('%s is refused', (address, message) => {
    const refusal = { code: 'grammar/builtin', message: expect.stringContaining(message) };
    expect(() => readings(address, 'one')).toThrow(expect.objectContaining(refusal));
  });
});

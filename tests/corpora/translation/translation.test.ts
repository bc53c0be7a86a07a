import { describe, expect, test } from 'vitest';

import { translationMemory, wordByWord } from '../../../corpora/translation/baselines.ts';
import { learnWordTranslation, type WordPair } from '../../../corpora/translation/ibm-model-1.ts';
import {
  alignedWords,
  alignmentOfWords,
  alignmentErrorRate,
  countLinks,
  linksOfPieces,
  silverLinks,
} from '../../../corpora/translation/word-alignment.ts';

const PAIRS = [
  { source: 'the house', target: 'das Haus' },
  { source: 'the book', target: 'das Buch' },
  { source: 'a book', target: 'ein Buch' },
];
const words: WordPair[] = PAIRS.map(({ source, target }) => ({
  source: alignedWords(source),
  target: alignedWords(target),
}));

describe('word translation by IBM model 1', () => {
  test('is a distribution over the words of the other language for each word', () => {
    const { probability, probabilityOfNone } = learnWordTranslation(words, { iterations: 7 });
    const targets = ['das', 'haus', 'buch', 'ein'];
    for (const source of ['the', 'house', 'book', 'a']) {
      const sum = targets.reduce((total, target) => total + probability(target, source), 0);
      expect(sum).toBeCloseTo(1, 12);
    }
    expect(targets.reduce((total, target) => total + probabilityOfNone(target), 0)).toBeCloseTo(1, 12);
    expect([probability('haus', 'nothing'), probability('nothing', 'house')]).toEqual([0, 0]);
  });

  test('is after one round the mean of even shares', () => {
    const { probability } = learnWordTranslation(words, { iterations: 1 });
    expect(probability('das', 'the')).toBeCloseTo(1 / 2, 12);
    expect(probability('haus', 'the')).toBeCloseTo(1 / 4, 12);
    expect(probability('haus', 'house')).toBeCloseTo(1 / 2, 12);
  });

  test('explains the pairs better with each round', () => {
    const likelihood = (iterations: number): number => {
      const { probability, probabilityOfNone } = learnWordTranslation(words, { iterations });
      return words
        .flatMap(({ source, target }) =>
          target.map((to) =>
            Math.log(
              (probabilityOfNone(to) + source.reduce((sum, from) => sum + probability(to, from), 0)) /
                (source.length + 1),
            ),
          ),
        )
        .reduce((sum, each) => sum + each, 0);
    };
    const rounds = [1, 2, 4, 8].map(likelihood);
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b));
    expect(new Set(rounds).size).toBe(4);
  });

  test('finds which word is which', () => {
    const { best } = learnWordTranslation(words, { iterations: 20 });
    expect(['the', 'house', 'book', 'a', 'unknown'].map(best)).toEqual(['das', 'haus', 'buch', 'ein', undefined]);
  });
});

describe('links of words', () => {
  const forward = learnWordTranslation(words, { iterations: 20 });
  const backward = learnWordTranslation(
    words.map(({ source, target }) => ({ source: target, target: source })),
    { iterations: 20 },
  );

  test('are those on which both ways agree', () => {
    const pair = { source: ['a', 'the', 'house'], target: ['haus', 'das', 'unbekannt'] };
    expect(silverLinks(pair, forward, backward)).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });

  test('are wrong by what they have not in common', () => {
    const expected = [
      [0, 0],
      [1, 1],
    ] as const;
    expect(alignmentErrorRate(countLinks(expected, expected))).toBe(0);
    expect(alignmentErrorRate(countLinks([[0, 0]], expected))).toBeCloseTo(1 / 3, 12);
    expect(alignmentErrorRate(countLinks([[5, 5]], expected))).toBe(1);
    expect(alignmentErrorRate(countLinks([], []))).toBe(0);
  });

  test('come of an alignment of pieces by what falls on whole words', () => {
    const alignment = [
      [0.4, 0.1, 0.5],
      [0.1, 0.5, 0.4],
      [0, 0.1, 0.9],
    ];
    expect(linksOfPieces(alignment, ['op', 'en', ' file'], ['Da', 'tei', ' öffnen'])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('is that of words by their pieces: all of an input word, the mean of an output word', () => {
    const aligned = alignmentOfWords({
      inputSymbols: ['op', 'en', ' file'],
      outputSymbols: ['Da', 'tei', ' öff', 'nen'],
      alignment: [
        [0.25, 0.25, 0.5],
        [0, 0, 1],
        [0.5, 0.5, 0],
        [0.5, 0, 0.5],
      ],
    });
    expect(aligned).toEqual({
      inputSymbols: ['open', 'file'],
      outputSymbols: ['Datei', 'öffnen'],
      alignment: [
        [0.25, 0.75],
        [0.75, 0.25],
      ],
    });
    expect(alignmentOfWords({ inputSymbols: ['a'], outputSymbols: [], alignment: [] }).alignment).toEqual([]);
  });
});

describe('a translation', () => {
  test('word by word keeps marks and what is not known', () => {
    const translate = wordByWord(learnWordTranslation(words, { iterations: 20 }));
    expect(translate('The house, "book" of {1}!')).toBe('das haus, "buch" of {1}!');
  });

  test('by memory is that of the text which is most alike', () => {
    const translate = translationMemory([...PAIRS, { source: 'open the old book', target: 'das alte Buch öffnen' }]);
    expect(translate('open a book')).toBe('ein Buch');
    expect(translate('Open the old books!')).toBe('das alte Buch öffnen');
    expect(translate('nothing like it')).toBe('nothing like it');
  });
});

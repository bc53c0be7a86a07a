/**
 * Numbers, dates, times and amounts to words and back, one recipe for four languages and two directions: `hearken train
 * models/spelled-out/zh-words/recipe.ts`. See README.md beside this.
 */
import { randomFor } from '../../corpora/draw.ts';
import type { SequencePair } from '../../corpora/sequence-accuracy.ts';
import { drawQuantity } from '../../corpora/spelled-out/draw.ts';
import { type Kind, KINDS, type Quantity } from '../../corpora/spelled-out/quantity.ts';
import { type Language, spellOut } from '../../corpora/spelled-out/spell-out.ts';
import type { Symbols } from '../../src/text/symbols.ts';
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { DRAWN_WITHOUT_END, encoderDecoder } from '../encoder-decoder.ts';

/** What the model writes: words of digits, or digits of words. */
export type Direction = 'words' | 'digits';

/** Digits of the longest cardinal that training sees. */
export const LONGEST_TRAINED = 7;

const SEED = 5;
const SHARD_SIZE = 960;
const VALIDATION_SIZE = 384;

/** English and French are written word by word, German, whose numbers are one word, and Chinese character by character. */
const UNITS_OF: Readonly<Record<Language, 'word' | 'character'>> = {
  en: 'word',
  de: 'character',
  fr: 'word',
  zh: 'character',
};

/** The kinds of a direction: as digits a year is no other than a cardinal, so that only one of them can be told how to say. */
export function kindsOf(direction: Direction): readonly Kind[] {
  return direction === 'digits' ? KINDS : KINDS.filter((kind) => kind !== 'year');
}

function pairOf(language: Language, direction: Direction, quantity: Quantity): SequencePair {
  const { written, words } = spellOut(language, quantity);
  return direction === 'words' ? { input: written, output: words } : { input: words, output: written };
}

/** Quantities that together have every symbol of every pair of up to seven digits. */
function* samples(): Generator<Quantity> {
  for (let value = 0; value < 1000; value++) {
    for (const scale of [1, 1000]) {
      yield { kind: 'cardinal', value: value * scale };
      if (value > 0) yield { kind: 'ordinal', value: value * scale };
    }
    yield { kind: 'amount', cents: value };
    yield { kind: 'amount', cents: 100_000 * value };
  }
  for (let value = 1; value < 10; value++) yield { kind: 'cardinal', value: 1e6 * value };
  for (let year = 1000; year < 2100; year++) yield { kind: 'year', value: year };
  for (let day = 0; day < 365; day++) {
    const date = new Date(Date.UTC(2001, 0, 1 + day));
    yield { kind: 'date', year: 1900 + (day % 200), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  }
  for (let minute = 0; minute < 1440; minute++)
    yield { kind: 'time', hour: Math.floor(minute / 60), minute: minute % 60 };
}

function symbolsOf(unit: 'word' | 'character', texts: readonly string[]): Symbols {
  const symbols = texts.flatMap((text) => (unit === 'word' ? text.split(' ') : Array.from(text)));
  return { unit, symbols: [...new Set(symbols)].toSorted() };
}

/** `count` pairs of set `set`, the `part`-th so many, every kind equally often. */
function mixedPairs(language: Language, direction: Direction, [set, part, count]: readonly [number, number, number]) {
  const kinds = kindsOf(direction);
  return Array.from({ length: count }, (_, index): SequencePair => {
    const random = randomFor(SEED, set, part, index);
    const kind = kinds[random.integer(kinds.length + 2)] ?? 'cardinal'; // cardinals three times as often
    return pairOf(language, direction, drawQuantity(random, kind, LONGEST_TRAINED));
  });
}

const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/** `count` different pairs of `kind` that no choice was made on; of cardinals those of exactly `digits` digits. */
export function testPairs(
  language: Language,
  direction: Direction,
  { kind, digits, count }: { readonly kind: Kind; readonly digits: number; readonly count: number },
): SequencePair[] {
  const pairs = new Map<string, string>();
  for (let index = 0; index < 100 * count && pairs.size < count; index++) {
    const quantity = drawQuantity(randomFor(SEED, TEST, KINDS.indexOf(kind), digits, index), kind, digits);
    if (quantity.kind === 'cardinal' && String(quantity.value).length !== digits) continue;
    const { input, output } = pairOf(language, direction, quantity);
    pairs.set(input, output);
  }
  return Array.from(pairs, ([input, output]) => ({ input, output }));
}

/** The recipe of a language and a direction. */
export function spelledOutRecipe(language: Language, direction: Direction): SequenceRecipe {
  const pairs = Array.from(samples(), (quantity) => spellOut(language, quantity));
  const writtenSymbols = symbolsOf(
    'character',
    pairs.map(({ written }) => written),
  );
  const wordSymbols = symbolsOf(
    UNITS_OF[language],
    pairs.map(({ words }) => words),
  );
  const [from, to] = direction === 'words' ? [writtenSymbols, wordSymbols] : [wordSymbols, writtenSymbols];
  return defineRecipe({
    config: encoderDecoder({ name: `spelled-out-${language}-${direction}`, language, from, to, embedding: 48 }),
    training: {
      ...DRAWN_WITHOUT_END,
      seed: SEED,
      steps: 1_500,
      validateEvery: 250,
      batchSize: 96,
      optimizer: { clipNorm: 1, averageDecay: 0.99 },
    },
    examples: () => ({
      shard: (index) => mixedPairs(language, direction, [TRAINING, index, SHARD_SIZE]),
      validation: () => mixedPairs(language, direction, [VALIDATION, 0, VALIDATION_SIZE]),
    }),
  });
}

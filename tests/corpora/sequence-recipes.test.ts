import { describe, expect, test } from 'vitest';

import { pooledAccuracy, sequenceAccuracy } from '../../corpora/sequence-accuracy.ts';
import { LANGUAGES } from '../../corpora/spelled-out/spell-out.ts';
import { evaluateNumbers } from '../../models/inverse-numbers-en/evaluation.ts';
import { testPairs, trainingPairs } from '../../models/inverse-numbers-en/examples.ts';
import numbersRecipe from '../../models/inverse-numbers-en/recipe.ts';
import { lengthRecipe, testLists, VARIANTS } from '../../models/length/variants.ts';
import { evaluateQuantities } from '../../models/spelled-out/evaluation.ts';
import { spelledOutRecipe } from '../../models/spelled-out/pairs.ts';
import { symbolCodec, type Symbols } from '../../src/text/symbols.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import type { SequenceRecipe } from '../../src/training/recipe.ts';

/** What goes in and what comes out, in the symbols of the recipe's model and back. */
function roundTrip({ config }: SequenceRecipe, { input, output }: SequenceExample): SequenceExample {
  if (config.source.kind !== 'tokens') throw new Error('Expected a model of tokens');
  const through = (symbols: Symbols | undefined, text: unknown): string => {
    if (symbols === undefined) throw new Error('Expected symbols');
    const codec = symbolCodec(symbols);
    return codec.decode(codec.encode(String(text)));
  };
  return { input: through(config.source.symbols, input), output: through(config.heads.decoder?.symbols, output) };
}

const RECIPES: readonly (readonly [string, () => SequenceRecipe])[] = [
  ['inverse-numbers-en', () => numbersRecipe],
  ...VARIANTS.map((variant) => [`length/${variant}`, () => lengthRecipe(variant)] as const),
  ...LANGUAGES.flatMap((language) =>
    (['words', 'digits'] as const).map(
      (direction) => [`spelled-out/${language}-${direction}`, () => spelledOutRecipe(language, direction)] as const,
    ),
  ),
];

describe.each(RECIPES)('the recipe of %s', (_, make) => {
  test('has a symbol for whatever it draws, and draws the same again', async () => {
    const recipe = make();
    const { shard, validation } = await recipe.examples();
    const drawn = [...(await shard(0)), ...(await shard(7)), ...(await validation())];
    expect(drawn.map((example) => roundTrip(recipe, example))).toEqual(drawn);
    const again = await make().examples();
    expect([...(await again.shard(0)), ...(await again.shard(7)), ...(await again.validation())]).toEqual(drawn);
    expect(await shard(0)).not.toEqual(await shard(7));
  });
});

describe('lists of numbers', () => {
  test('are tested in the lengths that were asked for, never on a list of training but the shortest', async () => {
    const { shard } = await lengthRecipe('luong').examples();
    const seen = new Set<string>();
    for (let index = 0; index < 20; index++) for (const { input } of await shard(index)) seen.add(String(input));
    for (const length of [4, 8, 16]) {
      const lists = testLists(length, 100);
      expect(lists.map(({ input }) => input.split(' ').length)).toEqual(lists.map(() => length));
      expect(lists.filter(({ input }) => seen.has(input))).toEqual([]);
    }
  });

  test('are learned by models that differ in nothing but memory and attention', () => {
    const rest = VARIANTS.map((variant) => {
      const { config, training } = lengthRecipe(variant);
      const {
        order: _order,
        attention: _attention,
        inputFeeding: _inputFeeding,
        ...decoder
      } = config.heads.decoder ?? {};
      return { training, source: config.source, encoder: config.encoder, decoder };
    });
    for (const other of rest) expect(other).toEqual(rest[0]);
  });
});

describe('an evaluation', () => {
  const truth = new Map(
    (['cardinal', 'ordinal', 'year'] as const).flatMap((form) =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((digits) =>
        testPairs(form, digits, 200).map(({ input, output }) => [input, output] as const),
      ),
    ),
  );

  test('gives a model that is always right everything, and one that is never right nothing', async () => {
    const right = await evaluateNumbers(async (inputs) => inputs.map((input) => truth.get(input) ?? ''));
    expect([right.trained.accuracy, right.beyond.accuracy]).toEqual([1, 1]);
    const wrong = await evaluateNumbers(async (inputs) => inputs.map(() => ''));
    expect([wrong.trained.accuracy, wrong.beyond.accuracy]).toEqual([0, 0]);
    expect(wrong.rows.filter(({ isTrained }) => !isTrained).map(({ digits }) => digits)).toEqual([11, 12]);
  });

  test('counts what is right, with an interval around it', async () => {
    const pairs = Array.from({ length: 10 }, (_, index) => ({ input: String(index), output: String(index) }));
    const measured = await sequenceAccuracy(pairs, async (inputs) => inputs.map((input) => (input < '8' ? input : '')));
    expect(measured).toMatchObject({ accuracy: 0.8, sequences: 10 });
    expect(measured.ci95.low).toBeCloseTo(0.4902, 4); // Wilson's interval of 8 in 10, as statistics books have it
    expect(measured.ci95.high).toBeCloseTo(0.9433, 4);
    expect(pooledAccuracy([measured, { ...measured, accuracy: 0, sequences: 30 }]).accuracy).toBe(0.2);
  });

  test('of quantities has every kind, and cardinals by their digits', async () => {
    const { rows } = await evaluateQuantities('zh', 'digits', async (inputs) => inputs);
    expect(rows.map(({ kind, digits }) => [kind, digits].join(' ').trim())).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((digits) => `cardinal ${digits}`),
      'ordinal',
      'year',
      'date',
      'time',
      'amount',
    ]);
  });
});

describe('English numbers', () => {
  test('are cardinals, ordinals and years, with "and" and without', () => {
    const pairs = trainingPairs(1, 3000);
    for (const [words, digits] of [
      [/^nineteen [a-z ]+$/, /^19\d\d$/],
      [/ and /, /^\d+/],
      [/th$/, /^\d+th$/],
      [/^[a-z]+ hundred [a-z]+$/, /^\d/],
    ] as const) {
      expect(pairs.some(({ input, output }) => words.test(input) && digits.test(output))).toBe(true);
    }
    expect(Math.max(...pairs.map(({ output }) => output.replaceAll(/\D/g, '').length))).toBe(10);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { addingProblem } from '../../models/long-range/adding/examples.ts';
import { BATTERY, figureOf, isBeaten, TASKS, type TestFigures } from '../../models/long-range/battery.ts';
import { copyMemory, COPIED_SYMBOLS } from '../../models/long-range/copy-memory/examples.ts';
import { type Curriculum, lengthsOf, shardOf } from '../../models/long-range/curriculum.ts';
import { measure, parameterCount } from '../../models/long-range/evaluation.ts';
import { inductionHeads, ORDINARY_TOKENS } from '../../models/long-range/induction-heads/examples.ts';
import { keepResult, readResults, type Result, rowsOf } from '../../models/long-range/results.ts';
import { MARKER, selectiveCopying } from '../../models/long-range/selective-copying/examples.ts';
import { DIGITS, mnistImages, moved, PIXELS } from '../../models/long-range/sequential-mnist/images.ts';
import { modelConfigOf } from '../../src/model/config-migration.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import type { SequenceRecipe } from '../../src/training/recipe.ts';

const seed = fc.integer({ min: 0, max: 0xffffffff });

test('induction heads: the special token stands twice, and the answer is what comes after the first', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 3, max: 60 }), (from, length) => {
      const { input, label } = inductionHeads(length, Random.seeded(from));
      const first = input.indexOf(ORDINARY_TOKENS);
      expect(input).toHaveLength(length + 1);
      expect(input.filter((token) => token === ORDINARY_TOKENS)).toHaveLength(2);
      expect(first).toBeLessThanOrEqual(length - 3);
      expect(input.at(-1)).toBe(ORDINARY_TOKENS);
      expect(label).toBe(input[first + 1]);
      expect(label).toBeLessThan(ORDINARY_TOKENS);
    }),
  );
});

test('selective copying: what is asked at the markers is what stands among the blanks, in its order', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 16 }), (from, length, count) => {
      const { input, labels } = selectiveCopying(length, Random.seeded(from), count);
      const before = input.slice(0, length + count);
      expect(input.slice(length + count)).toEqual(Array.from({ length: count }, () => MARKER));
      expect(before.every((token) => token >= 0 && token < MARKER)).toBe(true);
      expect(labels.slice(length + count)).toEqual(before.filter((token) => token !== 0));
      expect(labels.slice(0, length + count).every((label) => label === -1)).toBe(true);
    }),
  );
});

test('selective copying: every place is alike likely', () => {
  const random = Random.seeded(1);
  const counts = new Array<number>(8).fill(0);
  for (let trial = 0; trial < 4_000; trial++) {
    for (const [place, token] of selectiveCopying(6, random, 2).input.slice(0, 8).entries()) {
      if (token !== 0) counts[place]!++;
    }
  }
  for (const count of counts) expect(count).toBeGreaterThan(870); // 1,000 is expected, with a deviation of 27
});

test('copy memory: blanks until the markers have gone on for one, then the symbols of the beginning', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 60 }), (from, delay) => {
      const { input, labels } = copyMemory(delay, Random.seeded(from));
      const symbols = input.slice(0, COPIED_SYMBOLS);
      expect([input.length, labels.length]).toEqual([delay + 20, delay + 20]);
      expect(symbols.every((symbol) => symbol >= 1 && symbol <= 8)).toBe(true);
      expect(input.slice(10)).toEqual([...new Array<number>(delay - 1).fill(0), ...new Array<number>(11).fill(9)]);
      expect(labels).toEqual([...new Array<number>(delay + 10).fill(0), ...symbols]);
    }),
  );
});

test('the adding problem: two times are marked, and the truth is the sum of their numbers', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 2, max: 40 }), (from, length) => {
      const { input, numbers } = addingProblem(length, Random.seeded(from));
      const times = Array.from({ length }, (_, time) => [input[2 * time]!, input[2 * time + 1]!] as const);
      const marked = times.filter(([, mark]) => mark === 1);
      expect(input).toHaveLength(2 * length);
      expect(marked).toHaveLength(2);
      expect(times.every(([value, mark]) => value >= 0 && value < 1 && (mark === 0 || mark === 1))).toBe(true);
      expect(numbers[0]).toBeCloseTo(
        marked.reduce((sum, [value]) => sum + value, 0),
        12,
      );
    }),
  );
});

test('to say 1 to the adding problem has a mean squared error of a sixth', () => {
  const random = Random.seeded(3);
  const errors = Array.from({ length: 4_000 }, () => (addingProblem(5, random).numbers[0] - 1) ** 2);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeCloseTo(1 / 6, 1);
});

describe('sequential MNIST', () => {
  test('splits ten thousand images by number, of every digit alike, and none is in two parts', () => {
    const { training, validation, test: tests } = mnistImages();
    expect([training.length, validation.length, tests.length]).toEqual([8_500, 500, 1_000]);
    for (const digit of DIGITS) {
      const of = (part: typeof tests): number => part.filter(({ label }) => label === digit).length;
      expect([of(validation), of(tests)]).toEqual([50, 100]);
    }
    const all = [...training, ...validation, ...tests].map(({ input }) => input);
    expect(all.every((image) => image.length === PIXELS && image.every((pixel) => pixel >= 0 && pixel <= 1))).toBe(
      true,
    );
    expect(new Set(all.map((image) => image.join())).size).toBe(10_000);
  });

  test('moves an image, and what leaves it is gone', () => {
    const image = Array.from({ length: PIXELS }, (_, place) => place + 1);
    const shifted = moved(image, 2, -1);
    expect(shifted.slice(0, 5)).toEqual([0, 0, 29, 30, 31]); // the second row, two to the right
    expect(shifted.slice(-28)).toEqual(new Array(28).fill(0));
    expect(moved(image, 0, 0)).toEqual(image);
  });
});

describe('a curriculum', () => {
  const curriculum: Curriculum = { seed: 1, lengths: [4, 8, 16], shards: 6, batches: 5, batchSize: 3 };

  test('opens one length after the other, and then draws from all', () => {
    const seen = (from: number, to: number) =>
      [
        ...new Set(Array.from({ length: to - from }, (_, index) => lengthsOf(curriculum, from + index)).flat()),
      ].toSorted((a, b) => a - b);
    expect(seen(0, 2)).toEqual([4]);
    expect(seen(2, 4)).toEqual([4, 8]);
    expect(seen(6, 40)).toEqual([4, 8, 16]);
  });

  test('gives whole batches of one length, the same ones for the same number', () => {
    const draw = (length: number, random: Random) => ({ input: [length, random.integer(1_000)] });
    const shard = shardOf(curriculum, 9, draw);
    expect(shard).toHaveLength(15);
    expect(shardOf(curriculum, 9, draw)).toEqual(shard);
    expect(shardOf(curriculum, 10, draw)).not.toEqual(shard);
    for (let batch = 0; batch < 5; batch++) {
      expect(new Set(shard.slice(3 * batch, 3 * batch + 3).map(({ input }) => input[0])).size).toBe(1);
    }
  });
});

describe('the table', () => {
  const figures = (error: number, loss: number): TestFigures => ({ length: 8, trials: 100, error, loss });

  test('holds the lowest accuracy against its bar, and the loss; parameters beyond what the bar allows miss it', () => {
    const { 'induction-heads': induction, 'copy-memory': copying, 'list-ops': operations } = BATTERY;
    expect(figureOf(induction, [figures(0, 0), figures(0.25, 0)])).toBe(75);
    expect(isBeaten(induction, [figures(0, 1)], 74_000)).toBe(true);
    expect(isBeaten(induction, [figures(0, 1)], 74_001)).toBe(false);
    expect(isBeaten(induction, [figures(0, 0), figures(0.001, 0)], 1)).toBe(false);
    expect(isBeaten(copying, [figures(0, 3.4e-5)], 16_000)).toBe(true);
    expect(isBeaten(copying, [figures(0, 3.6e-5)], 16_000)).toBe(false);
    expect(isBeaten(operations, [figures(1 - 0.363, 0)], 1)).toBe(false);
    expect(isBeaten(operations, [figures(1 - 0.364, 0)], 1)).toBe(true);
  });

  test('has a row a task, and says of what was not trained that it was not', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hearken-long-range-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'results.json');
    await writeFile(file, '[]');
    const result: Result = {
      task: 'list-ops',
      seed: 1,
      parameters: 5,
      steps: 7,
      seconds: 90,
      tests: [figures(0.5, 1)],
      curve: [{ updates: 7, error: 0.5, loss: 1 }],
    };
    await keepResult({ ...result, tests: [figures(0.9, 1)] }, file);
    await keepResult(result, file); // in place of the one before
    const rows = rowsOf(await readResults(file));
    expect(rows.map(({ task }) => task)).toEqual(TASKS);
    for (const row of rows) {
      expect(row.train).toContain(`models/long-range/${row.task}/recipe.ts`);
    }
    const measured = { figure: 50, verdict: 'beaten', seeds: [1], updates: 7, minutes: 1.5, trials: 100 };
    expect(rows.filter(({ figure }) => figure !== undefined)).toEqual([expect.objectContaining(measured)]);
    expect(rows.filter(({ verdict }) => verdict === 'not trained yet')).toHaveLength(TASKS.length - 1);
  });

  test('has only rows of committed models, of so many parameters as they have, measured as the battery says', async () => {
    const { readUncheckedModel } = await import('../../src/model/unchecked-checkpoint.ts');
    for (const { task, parameters, tests } of await readResults()) {
      const { weights } = await readUncheckedModel(`models/long-range/${task}`);
      expect(Object.values(weights).reduce((sum, { data }) => sum + data.length, 0)).toBe(parameters);
      expect(tests.map(({ length, trials }) => [length, trials])).toEqual(
        BATTERY[task].tests.map(({ length, count }) => [length, count]),
      );
    }
  });
});

describe('the recipes', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each(TASKS)(
    '%s makes examples of its own, and a model within the parameters that its bar allows',
    async (task) => {
      const { default: recipe } = (await import(`../../models/long-range/${task}/recipe.ts`)) as {
        readonly default: SequenceRecipe;
      }; // what each of them exports
      const { shard } = await recipe.examples();
      const [first, again, other] = [await shard(0), await shard(0), await shard(1)];
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
      const weights = initModel(modelConfigOf(recipe.config), Random.seeded(1));
      const count = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
      expect(count).toBeLessThanOrEqual(BATTERY[task].mostParameters ?? Number.POSITIVE_INFINITY);
    },
  );

  test('an untrained model is measured at chance, by whole test sets', async () => {
    const { default: recipe } = await import('../../models/long-range/induction-heads/recipe.ts');
    const weights = tensorsOf(initModel(recipe.config, Random.seeded(1)));
    const parts: number[] = [];
    const set = { length: 12, count: 70, example: (index: number) => inductionHeads(12, Random.seeded(index)) };
    const { trials, error, loss } = await measure(weights, recipe.config, set, (done) => parts.push(done));
    expect(trials).toBe(70);
    expect(parts.at(-1)).toBe(70);
    expect(error).toBeGreaterThan(0.7);
    expect(loss).toBeGreaterThan(2);
    expect(parameterCount(weights)).toBeGreaterThan(1_000);
    tf.dispose(Object.values(weights));
  });
});

/** The task of copying backwards, and the model that is kept of it. */
import { expect, test } from 'vitest';

import { savedRows } from '../../models/row-evaluation.ts';
import { COPY, measureCopy, READERS } from '../../models/tree-copy/evaluation.ts';
import {
  copyExample,
  LABELS,
  testExample,
  trainingExamples,
  validationExamples,
  WIDTH,
} from '../../models/tree-copy/task.ts';
import { packageFile } from '../../src/package-root.ts';
import { Random } from '../../src/tensor/random.ts';

test('a question has the place of the character that it asks for, and the last one of the beginning', () => {
  const { input, labels = [] } = copyExample(32, Random.seeded(1));
  const times = Array.from({ length: 32 }, (_, time) =>
    Array.from(input, Number).slice(time * WIDTH, (time + 1) * WIDTH),
  );
  const characterAt = (time: number): number =>
    times[time]!.slice(0, 8).reduce((sum, bit, index) => sum + (bit > 0 ? 2 ** index : 0), 0);
  expect(labels.slice(0, 16).every((label) => label === -1)).toBe(true);
  for (let asked = 1; asked < 16; asked++) {
    expect(times[31 - asked]!.slice(10)).toEqual(times[asked]!.slice(10));
    expect(labels[31 - asked]).toBe(characterAt(asked));
    expect(times[31 - asked]!.slice(0, 10)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  }
  expect([labels[31], times[0]!.slice(0, 10)]).toEqual([LABELS - 1, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]]);
  const places = new Set(times.slice(0, 16).map((numbers) => numbers.slice(10).join()));
  expect(places.size).toBe(16);
});

test('examples are drawn again alike, and those of different sets are not', () => {
  const drawn = { shard: 3, count: 2, size: 2, progress: 0, seed: 1 };
  expect(trainingExamples(drawn)).toEqual(trainingExamples(drawn));
  expect(trainingExamples(drawn)).not.toEqual(trainingExamples({ ...drawn, shard: 4 }));
  expect(trainingExamples(drawn).every(({ input }) => input.length === 16 * WIDTH)).toBe(true);
  expect(validationExamples()[0]).not.toEqual(testExample(1_024, 0));
});

test('the model that is kept answers every question of 512 places from eight of them, as its rows say', async () => {
  const rows = await savedRows(COPY);
  expect(new Set(rows.map(({ model }) => model))).toEqual(new Set(READERS));
  const lengths: number[] = [];
  for await (const { n, readUs: _, trials, ...row } of measureCopy(
    packageFile('models/tree-copy/descent'),
    'descent-1',
    1,
  )) {
    lengths.push(n);
    expect(rows.find((each) => each.model === 'descent-1' && each.n === n)).toMatchObject(row);
    expect([row.accuracy, row.leavesRead, trials]).toEqual([1, 8, n / 2]);
  }
  expect(lengths).toEqual([64, 256, 1_024]);
});

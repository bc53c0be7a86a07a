/** The tasks of mqar, and the models that are kept of them. */
import { expect, test } from 'vitest';

import { folderOf, measureMqar, MQAR, READERS } from '../../models/mqar/evaluation.ts';
import {
  lengthsOf,
  mqarExample,
  SYMBOLS,
  TASKS,
  testExample,
  trainingExamples,
  validationExamples,
} from '../../models/mqar/tasks.ts';
import { configOf, VARIANTS } from '../../models/mqar/variants.ts';
import { savedRows } from '../../models/row-evaluation.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { packageFile } from '../../src/package-root.ts';
import { Random } from '../../src/tensor/random.ts';

test('a sequence of mqar asks for the value of each of its keys once, behind the pairs', () => {
  const shape = { length: 96, pairs: 16 };
  for (const seed of [1, 2, 3]) {
    const { input, labels = [] } = mqarExample('mqar', shape, Random.seeded(seed));
    const ids = Array.from(input, Number);
    const valueOf = new Map(
      Array.from({ length: 16 }, (_, pair) => [ids[2 * pair]!, ids[2 * pair + 1]! - SYMBOLS / 2]),
    );
    const asked = labels.flatMap((label, place) => (label < 0 ? [] : [{ label, key: ids[place - 1]!, place }]));
    expect(ids).toHaveLength(96);
    expect(valueOf.size).toBe(16);
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(valueOf.keys()));
    expect(asked).toHaveLength(16);
    for (const { label, key, place } of asked) {
      expect(label).toBe(valueOf.get(key));
      expect(place).toBeGreaterThan(32);
      expect(place % 2).toBe(1);
    }
  }
});

test('a sequence of two-token asks for the values of keys of two symbols', () => {
  const { input, labels = [] } = mqarExample('two-token', { pairs: 40, questions: 7 }, Random.seeded(1));
  const ids = Array.from(input, Number);
  const valueOf = new Map(
    Array.from({ length: 40 }, (_, pair) => [ids.slice(3 * pair, 3 * pair + 2).join(), ids[3 * pair + 2]!]),
  );
  expect([ids.length, valueOf.size]).toEqual([lengthsOf('two-token', { pairs: 40, questions: 7 }).length, 40]);
  const asked = labels.flatMap((label, place) => (label < 0 ? [] : [{ label, place }]));
  expect(asked).toHaveLength(7);
  for (const { label, place } of asked)
    expect(label + SYMBOLS / 2).toBe(valueOf.get(ids.slice(place - 2, place).join()));
});

test.each(TASKS)('examples of %s are of at most 64 pairs in training, and are drawn again alike', (task) => {
  const drawn = { shard: 3, count: 2, size: 4, progress: 1, seed: 1 };
  expect(trainingExamples(task, drawn)).toEqual(trainingExamples(task, drawn));
  expect(trainingExamples(task, drawn)).not.toEqual(trainingExamples(task, { ...drawn, shard: 4 }));
  const most = Math.max(
    ...validationExamples(task).map(({ labels = [] }) => labels.filter((label) => label >= 0).length),
  );
  expect(most).toBe(64);
  expect(testExample(task, { length: 64, pairs: 4 }, 0)).not.toEqual(testExample(task, { length: 64, pairs: 4 }, 1));
  for (const variant of VARIANTS) {
    const config = configOf(task, variant);
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  }
});

test.each(TASKS)('the model of %s that is kept gives what its rows say', async (task) => {
  const saved = (await savedRows(MQAR)).filter((row) => row.task === task && row.pairs === 64);
  expect(new Set(saved.map(({ model }) => model))).toEqual(
    new Set(READERS.filter((model) => task === 'two-token' || !model.startsWith('descent'))),
  );
  const rows = measureMqar({
    folder: folderOf(packageFile('models/mqar'), task),
    task,
    model: 'search',
    most: 64,
  });
  for await (const { n, accuracy, trials, leavesRead, stateBytes, outsideBytes } of rows) {
    const same = saved.find((row) => row.model === 'search' && row.n === n);
    expect(same).toMatchObject({ trials, leavesRead, stateBytes, outsideBytes });
    expect(Math.abs((same?.accuracy ?? 0) - accuracy)).toBeLessThan(0.01); // rounding of another processor
    expect(accuracy).toBeGreaterThan(0.98);
  }
});

import fc from 'fast-check';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { keepRows, measuredRows, type RowEvaluation, rowTable, savedRows } from '../../models/row-evaluation.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { RECALL_SPEECH_CONFIG } from '../../models/recall-speech/config.ts';

type Row = { readonly task: string; readonly pairs?: number | undefined; readonly right: number };

const ROWS = fc.array(
  fc.record({
    task: fc.constantFrom('near', 'far'),
    pairs: fc.constantFrom(undefined, 4, 16),
    right: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 8 },
);

/** An evaluation that measures `rows`, and keeps its own in a folder that is gone after the test. */
async function evaluationOf(rows: readonly Row[]): Promise<RowEvaluation<Row>> {
  const folder = await mkdtemp(join(tmpdir(), 'rows-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return {
    file: join(folder, 'results.json'),
    key: ['task', 'pairs'],
    columns: [
      ['task', ({ task }) => task],
      ['pairs', ({ pairs }) => `${pairs ?? ''}`],
      ['right %', ({ right }) => `${10 * right}`],
    ],
    measure: ({ isFull }) => Promise.resolve(rows.filter(({ task }) => isFull || task === 'near')),
  };
}

const REQUEST = {
  folder: 'models/recall-speech',
  config: parseModelConfig(JSON.parse(JSON.stringify(RECALL_SPEECH_CONFIG))),
  onProgress: () => undefined,
};

test('rows that are kept take the places of older ones of the same key, and no others', async () => {
  const evaluation = await evaluationOf([]);
  await fc.assert(
    fc.asyncProperty(fc.array(ROWS, { maxLength: 4 }), async (runs) => {
      await rm(evaluation.file, { force: true });
      expect(await savedRows(evaluation)).toEqual([]);
      const newest = new Map<string, Row>();
      for (const run of runs) {
        const rows = [...new Map(run.map((row) => [`${row.task} ${row.pairs}`, row])).values()];
        await keepRows(evaluation, rows);
        for (const row of rows) newest.set(`${row.task} ${row.pairs}`, row);
      }
      const saved = await savedRows(evaluation);
      expect(saved).toHaveLength(newest.size);
      for (const row of saved) expect(row).toEqual(newest.get(`${row.task} ${row.pairs}`));
    }),
    { numRuns: 50 },
  );
});

test('what is quick is told as it is measured now, the rest as it was kept; asked for all, all is measured', async () => {
  const evaluation = await evaluationOf([
    { task: 'near', pairs: 4, right: 9 },
    { task: 'far', pairs: 4, right: 8 },
  ]);
  await keepRows(evaluation, [
    { task: 'near', pairs: 4, right: 1 },
    { task: 'near', pairs: 16, right: 2 },
    { task: 'far', pairs: 4, right: 3 },
  ]);
  const kept = await readFile(evaluation.file, 'utf8');
  expect(await measuredRows(evaluation, { ...REQUEST, isFull: false })).toEqual([
    { task: 'near', pairs: 4, right: 9, isSaved: false },
    { task: 'near', pairs: 16, right: 2, isSaved: true },
    { task: 'far', pairs: 4, right: 3, isSaved: true },
  ]);
  expect(await measuredRows(evaluation, { ...REQUEST, isFull: true })).toEqual([
    { task: 'near', pairs: 4, right: 9, isSaved: false },
    { task: 'far', pairs: 4, right: 8, isSaved: false },
    { task: 'near', pairs: 16, right: 2, isSaved: true },
  ]);
  expect(await readFile(evaluation.file, 'utf8'), 'telling keeps nothing').toBe(kept);
});

test('a table has a cell a column of every row', async () => {
  const { columns } = await evaluationOf([]);
  expect(rowTable(columns, [{ task: 'near', right: 9 }])).toEqual({
    header: ['task', 'pairs', 'right %'],
    cells: [['near', '', '90']],
  });
});

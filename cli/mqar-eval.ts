/** `hearken eval` of models of mqar: what was measured of each way to read, and what the models give now. */
import { existsSync } from 'node:fs';

import type { MqarRow } from '../models/mqar/evaluation.ts';
import type { MqarTask } from '../models/mqar/tasks.ts';
import { createProgress } from './progress.ts';
import { printTable } from './table.ts';

/** Rows of this run, and those that were saved, which this run did not measure. */
type MqarReport = { readonly model: string; readonly rows: readonly (MqarRow & { readonly isSaved: boolean })[] };

/** Sequences of no more pairs are measured anew unless all are asked for. */
const MOST_PAIRS = 256;

/** The task of a model called `name`, if it is one of mqar. */
export function mqarTaskOf(name: string): MqarTask | undefined {
  return name === 'mqar' || name === 'two-token' ? name : undefined;
}

/** Measures the exported model in `folder`, and the one of two-token that lies within it. */
export async function evaluateMqar(
  folder: string,
  task: MqarTask,
  { full, json }: { readonly full?: true; readonly json?: true },
): Promise<void> {
  const { folderOf, isRowOf, measureMqar, savedRows } = await import('../models/mqar/evaluation.ts');
  using progress = createProgress('evaluating', 1_000);
  const within = folderOf(folder, 'two-token');
  const models: { readonly folder: string; readonly task: MqarTask }[] = [
    { folder, task },
    ...(task === 'mqar' && existsSync(within) ? [{ folder: within, task: 'two-token' as const }] : []),
  ];
  const readers = full ? (['search', 'exact', 'full'] as const) : (['search'] as const);
  const asked = models.flatMap((each) => readers.map((model) => ({ ...each, model })));
  const rows: MqarRow[] = [];
  for (const [index, each] of asked.entries()) {
    const onProgress = (share: number): void => progress.update((1_000 * (index + share)) / asked.length);
    const most = full ? {} : { most: MOST_PAIRS };
    for await (const row of measureMqar({ ...each, ...most, onProgress })) rows.push(row);
  }
  progress.clear();
  const saved = (await savedRows()).filter((row) => !rows.some(isRowOf(row)));
  const report: MqarReport = {
    model: task,
    rows: [...rows.map((row) => ({ ...row, isSaved: false })), ...saved.map((row) => ({ ...row, isSaved: true }))],
  };
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printRows(report);
}

function printRows({ rows }: MqarReport): void {
  printTable(
    [
      'task',
      'pairs',
      'n',
      'read by',
      'right %',
      'of',
      'leaves read',
      'us a read',
      'state bytes',
      'outside',
      'measured',
    ],
    rows.map(({ task, pairs, n, model, accuracy, trials, leavesRead, readUs, stateBytes, outsideBytes, isSaved }) => [
      task,
      `${pairs}`,
      `${n}`,
      model,
      (100 * accuracy).toFixed(1),
      `${trials}`,
      `${leavesRead}`,
      `${readUs}`,
      `${stateBytes}`,
      `${outsideBytes}`,
      isSaved ? 'before' : 'now',
    ]),
  );
}

// `npx tsx scripts/compare-mqar.ts [--table] [TASK ...]`: trains the models of mqar, with a cold store and the tree alone, and of two-token with a walk to
// the leaves, too, one after the other into .runs/mqar, exports them, measures each way to read, and keeps the rows in models/mqar/results.json. What
// was trained stays; a training that was begun is gone on with. `--table` prints what is there.
import path from 'node:path';

import { measureMqar, MQAR, type Reader } from '../models/mqar/evaluation.ts';
import { type MqarTask, TASKS } from '../models/mqar/tasks.ts';
import type { MqarVariant } from '../models/mqar/variants.ts';
import { keepRows, rowTable, savedRows } from '../models/row-evaluation.ts';
import { oneOf } from '../src/arguments.ts';
import { exportRun, trainRun } from './train-run.ts';

const FOLDER = '.runs/mqar';
const READERS_OF: Readonly<Record<MqarVariant, readonly Reader[]>> = {
  search: ['search', 'exact', 'full'],
  descent: ['descent-1', 'descent-4', 'descent-16', 'descent-full'],
  none: ['none'],
};
/** What is trained for each task. */
const VARIANTS_OF: Readonly<Record<MqarTask, readonly MqarVariant[]>> = {
  mqar: ['search', 'none'],
  'two-token': ['search', 'none', 'descent'],
};

async function measure(task: MqarTask, model: Reader, folder: string): Promise<void> {
  for await (const row of measureMqar({ folder, task, model })) await keepRows(MQAR, [row]);
}

const chosen = process.argv.slice(2).filter((argument) => argument !== '--table');
for (const task of chosen) oneOf(...TASKS)('TASK', task);
const tasks = TASKS.filter((task) => (chosen.length > 0 ? chosen.includes(task) : !process.argv.includes('--table')));
for (const task of tasks) {
  for (const variant of VARIANTS_OF[task]) {
    const folder = path.join(FOLDER, `${task}-${variant}`);
    trainRun('models/mqar/recipe.ts', folder, { HEARKEN_MQAR: task, HEARKEN_VARIANT: variant });
    exportRun(folder);
    for (const model of READERS_OF[variant]) {
      await measure(task, model, folder);
    }
  }
}
const { header, cells } = rowTable(MQAR.columns, await savedRows(MQAR));
for (const line of [header, ...cells]) console.log(line.join(' | '));

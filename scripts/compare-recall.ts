// `npx tsx scripts/compare-recall.ts [--table | --complete] [TASK:VARIANT:SEED[:RATE] ...]`: trains models of recall-tokens and their rivals one after the other into
// .runs/recall, measures each, and keeps its rows in models/recall-tokens/results.json. Whatever was begun is gone on with; what is measured is
// kept. `--table` prints what is there, and `--complete` first adds to rows that lack it what the logs of their trainings say.
import { join } from 'node:path';

import { measureLengths, RECALL_TOKENS, type RecallRow } from '../models/recall-tokens/evaluation.ts';
import { LEARNING_RATE } from '../models/recall-tokens/rates.ts';
import { ABLATION_HEADER, ablationRows } from '../models/recall-tokens/ablation-table.ts';
import { type Task, TASKS } from '../models/recall-tokens/tasks.ts';
import { trainingFigures } from '../models/recall-tokens/training-log.ts';
import { type Variant, VARIANTS } from '../models/recall-tokens/variants.ts';
import { keepRows, rowTable, savedRows } from '../models/row-evaluation.ts';
import { numberIn, oneOf } from '../src/arguments.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { readModelCheckpoint } from '../src/model/checkpoint.ts';
import { trainRun } from './train-run.ts';

const FOLDER = '.runs/recall';

type Run = { readonly task: Task; readonly variant: Variant; readonly seed: number; readonly rate: number };

/** Every model once, and those of which the comparison depends on rate and seed with more of them. */
const ALL: readonly Run[] = TASKS.flatMap((task) => [
  ...VARIANTS.map((variant) => ({ task, variant, seed: 1, rate: LEARNING_RATE })),
  ...(['hierarchical', 'gru', 'window', 'mean tree'] as const).flatMap((variant) => [
    ...[1e-3, 1e-2].map((rate) => ({ task, variant, seed: 1, rate })),
    ...[2, 3].map((seed) => ({ task, variant, seed, rate: LEARNING_RATE })),
  ]),
]);

function parsed(text: string): Run {
  const [task = '', variant = '', seed = '1', rate = String(LEARNING_RATE)] = text.split(':');
  oneOf(...TASKS)('TASK', task);
  oneOf(...VARIANTS)('VARIANT', variant);
  numberIn(0)('SEED', Number(seed));
  numberIn(0)('RATE', Number(rate));
  return { task: task as Task, variant: variant as Variant, seed: Number(seed), rate: Number(rate) }; // were looked at
}

function folderOf({ task, variant, seed, rate }: Run): string {
  const own = rate === LEARNING_RATE ? '' : `-${rate}`;
  return join(FOLDER, `${task}-${variant.replaceAll(' ', '-')}-${seed}${own}`);
}

function isOf({ task, variant, seed, rate }: Run): (row: RecallRow) => boolean {
  return (row) => row.task === task && row.model === variant && row.seed === seed && row.rate === rate;
}

function train(run: Run): void {
  trainRun('models/recall-tokens/recipe.ts', folderOf(run), {
    HEARKEN_RECALL: run.task,
    HEARKEN_VARIANT: run.variant,
    HEARKEN_SEED: `${run.seed}`,
    HEARKEN_RATE: `${run.rate}`,
  });
}

async function measure(run: Run): Promise<void> {
  const { config, weights } = await readModelCheckpoint(folderOf(run));
  if (config.version !== 2) throw new Error('Expected a model of version 2, got an older one');
  const figures = await trainingFigures(folderOf(run));
  const rows = (await measureLengths({ ...run, config, weights })).map((row) => ({ ...row, ...figures }));
  await keepRows(RECALL_TOKENS, rows);
}

/** Rows of before trainings were looked at: what the logs say, of those that are in `.runs` here. */
async function complete(): Promise<void> {
  const rows = await savedRows(RECALL_TOKENS);
  const completed: RecallRow[] = [];
  for (const row of rows) {
    const run: Run = { task: row.task, variant: row.model, seed: row.seed, rate: row.rate };
    completed.push(row.loss === undefined ? { ...row, ...(await trainingFigures(folderOf(run))) } : row);
  }
  await keepRows(RECALL_TOKENS, completed);
}

function printTable(rows: readonly RecallRow[]): void {
  const { header, cells } = rowTable(RECALL_TOKENS.columns, rows);
  for (const line of [header, ...cells, [], ABLATION_HEADER, ...ablationRows(rows)]) console.log(line.join(' | '));
}

const isComplete = process.argv.includes('--complete');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const runs = chosen.length > 0 ? chosen.map(parsed) : isComplete || process.argv.includes('--table') ? [] : ALL;
if (isComplete) await complete();
if (runs.length > 0) await loadBackend();
for (const run of runs) {
  if ((await savedRows(RECALL_TOKENS)).some(isOf(run))) continue;
  train(run);
  await measure(run);
}
printTable(await savedRows(RECALL_TOKENS));

/** `hearken eval` of models of recall-tokens: what was measured of them and their rivals, and what they give back now. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { RecallRow } from '../models/recall-tokens/evaluation.ts';
import type { Task } from '../models/recall-tokens/tasks.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { assertTrainingStack } from '../src/training-stack.ts';
import { createProgress } from './progress.ts';
import { printTable } from './table.ts';

/** Rows of this run, and those that were saved, which this run did not measure. */
type RecallReport = { readonly model: string; readonly rows: readonly (RecallRow & { readonly isSaved: boolean })[] };

/** Sequences up to this length are measured anew unless all are asked for. */
const LONGEST = 65_536;

/** The task of a model called `name`, if it is one of recall. */
export function recallTaskOf(name: string): Task | undefined {
  const [, task] = /^recall-(keyed|salient)(-|$)/.exec(name) ?? [];
  return task as Task | undefined; // the expression has no others
}

/** Measures the model in `folder` by its task's sequences, and the other model that lies in `salient` within it. */
export async function evaluateRecall(
  folder: string,
  config: ModelConfig,
  task: Task,
  { full, json }: { readonly full?: true; readonly json?: true },
): Promise<void> {
  assertTrainingStack(); // before what is imported, which imports tfjs
  const { loadBackend } = await import('../src/backend/backends.ts');
  const { readModelCheckpoint } = await import('../src/model/checkpoint.ts');
  const { LEARNING_RATE } = await import('../models/recall-tokens/rates.ts');
  const { isRowOf, measureLengths, savedRows, variantNamed } = await import('../models/recall-tokens/evaluation.ts');
  await loadBackend();
  using progress = createProgress('evaluating', 1_000);
  const within = join(folder, 'salient');
  const models: { readonly folder: string; readonly task: Task }[] = [
    { folder, task },
    ...(existsSync(within) ? [{ folder: within, task: 'salient' as const }] : []),
  ];
  const rows: RecallRow[] = [];
  for (const [index, each] of models.entries()) {
    const { config: own, weights } = await readModelCheckpoint(each.folder);
    if (own.version !== 2) continue; // recall-tokens has no older ones
    const { seed, learningRate = LEARNING_RATE } = own.training ?? {}; // older folders do not tell their rate
    const measured = await measureLengths({
      seed: Number(seed),
      rate: Number(learningRate),
      task: each.task,
      variant: variantNamed(own.name),
      config: own,
      weights,
      ...(full ? {} : { longest: LONGEST }),
      onProgress: (share) => progress.update((1_000 * (index + share)) / models.length),
    });
    rows.push(...measured);
  }
  progress.clear();
  const saved = (await savedRows()).filter((row) => !rows.some(isRowOf(row)));
  const report: RecallReport = {
    model: config.name,
    rows: [...rows.map((row) => ({ ...row, isSaved: false })), ...saved.map((row) => ({ ...row, isSaved: true }))],
  };
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printRows(report);
}

function printRows({ rows }: RecallReport): void {
  printTable(
    ['task', 'pairs', 'model', 'seed', 'rate', 'n', 'right %', 'of', 'state bytes', 'path', 'measured'],
    rows.map(({ task, pairs, model, seed, rate, n, accuracy, trials, stateBytes, pathLength, isSaved }) => [
      task,
      pairs === undefined ? '' : `${pairs}`,
      model,
      `${seed}`,
      `${rate}`,
      `${n}`,
      (100 * accuracy).toFixed(1),
      `${trials}`,
      `${stateBytes}`,
      `${pathLength}`,
      isSaved ? 'before' : 'now',
    ]),
  );
}

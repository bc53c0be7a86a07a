/** What was measured of the battery, as it is kept in `results.json`, and the rows of its table. */
import { readFile } from 'node:fs/promises';

import { packageFile } from '../../src/package-root.ts';
import { writeWhole } from '../../src/model/write-whole.ts';
import type { Validation } from '../training-log.ts';
import { BATTERY, figureOf, isBeaten, type TaskName, TASKS, type TestFigures } from './battery.ts';

/** One trained model. */
export type Result = {
  readonly task: TaskName;
  readonly seed: number;
  readonly parameters: number;
  /** Updates until the checkpoint that was kept. */ readonly steps: number;
  /** Seconds that training took, where they were counted. */ readonly seconds?: number | undefined;
  readonly tests: readonly TestFigures[];
  /** The learning curve: held-out sequences, looked at while it trained. */ readonly curve: readonly Validation[];
};

export type Row = {
  readonly task: TaskName;
  /** Lengths that are tested. */ readonly lengths: string;
  readonly measure: string;
  /** Of several lengths and seeds the worst. */ readonly figure?: number;
  /** Sequences of all lengths and seeds. */ readonly trials?: number;
  readonly bar: number;
  readonly barOf: string;
  readonly verdict: 'beaten' | 'missed' | 'not trained yet';
  readonly parameters?: number;
  readonly seeds?: readonly number[];
  /** Updates until the checkpoint that was kept, of several seeds the most. */ readonly updates?: number;
  /** What all its trainings took, where that was counted. */ readonly minutes?: number | undefined;
  readonly train: string;
};

const FILE = packageFile('models/long-range/results.json');

export async function readResults(file: string = FILE): Promise<readonly Result[]> {
  return JSON.parse(await readFile(file, 'utf8')) as Result[]; // written by `keepResult`
}

/** Puts `result` into the file in place of one of the same task and seed. */
export async function keepResult(result: Result, file: string = FILE): Promise<void> {
  const isOther = ({ task, seed }: Result): boolean => task !== result.task || seed !== result.seed;
  const all = [...(await readResults(file)).filter(isOther), result];
  const sorted = TASKS.flatMap((task) => all.filter((each) => each.task === task).toSorted((a, b) => a.seed - b.seed));
  await writeWhole(file, `${JSON.stringify(sorted, null, 1)}\n`);
}

/** A row a task, in their order. Of several seeds the worst figure is told. */
export function rowsOf(results: readonly Result[]): Row[] {
  return TASKS.map((task) =>
    rowOf(
      task,
      results.filter((result) => result.task === task),
    ),
  );
}

function rowOf(task: TaskName, results: readonly Result[]): Row {
  const battery = BATTERY[task];
  const { measure, bar, barOf, tests } = battery;
  const lengths = [tests[0]!, tests.at(-1)!].map(({ length }) => length.toLocaleString('en'));
  const told = {
    task,
    lengths: [...new Set(lengths)].join(' to '),
    measure: measure === 'accuracy' ? 'accuracy %' : measure,
    bar,
    barOf,
    train: `npx hearken train models/long-range/${task}/recipe.ts --out .runs/long-range/${task}`,
  };
  if (results.length === 0) return { ...told, verdict: 'not trained yet' };
  const figures = results.map((result) => figureOf(battery, result.tests));
  const areBeaten = results.every((result) => isBeaten(battery, result.tests, result.parameters));
  const seconds = results.map((result) => result.seconds);
  return {
    ...told,
    figure: measure === 'accuracy' ? Math.min(...figures) : Math.max(...figures),
    trials: results.reduce((sum, result) => sum + result.tests.reduce((all, { trials }) => all + trials, 0), 0),
    verdict: areBeaten ? 'beaten' : 'missed',
    parameters: Math.max(...results.map(({ parameters }) => parameters)),
    seeds: results.map(({ seed }) => seed),
    updates: Math.max(...results.map(({ steps }) => steps)),
    minutes: seconds.includes(undefined) ? undefined : seconds.reduce<number>((sum, each) => sum + (each ?? 0), 0) / 60,
  };
}

/**
 * Evaluations whose rows are kept in a file beside the model: a row is one model, asked one thing. What is quick to measure is measured again
 * where it is asked for; the other rows are told as they were kept.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { ModelConfig } from '../src/model/config.ts';
import { writeWhole } from '../src/model/write-whole.ts';

export type MeasureRequest = {
  /** The folder of the model. */ readonly folder: string;
  readonly config: ModelConfig;
  /** Whether what takes long is measured, too. */ readonly isFull: boolean;
  /** Told the share that is done, 0 to 1. */ readonly onProgress: (share: number) => void;
};

/** The evaluation of one model, and of what is compared with it. */
export type RowEvaluation<Row extends object> = {
  /** The JSON file that keeps the rows. */ readonly file: string;
  /** Fields by which a row is known: there is one of each. */ readonly key: readonly (keyof Row)[];
  /** Columns of the table: what stands above, and what a row has there. */
  readonly columns: readonly (readonly [header: string, cell: (row: Row) => string])[];
  /** Measures a model. */ readonly measure: (request: MeasureRequest) => Promise<readonly Row[]>;
};

/** A row, and whether it was kept before or measured by the run that tells it. */
export type ToldRow<Row extends object> = Row & { readonly isSaved: boolean };

/** The rows that are kept; none where nothing was measured yet. */
export async function savedRows<Row extends object>({ file }: RowEvaluation<Row>): Promise<Row[]> {
  if (!existsSync(file)) return [];
  return JSON.parse(await readFile(file, 'utf8')) as Row[]; // written by `keepRows`
}

/** Whether another row is of the same model, asked the same as `row`. */
export function isRowOf<Row extends object>({ key }: RowEvaluation<Row>, row: Row): (other: Row) => boolean {
  const told = (each: Row): string => JSON.stringify(key.map((name) => each[name]));
  const own = told(row);
  return (other) => told(other) === own;
}

/** Keeps rows in the place of those that were kept of the same. */
export async function keepRows<Row extends object>(
  evaluation: RowEvaluation<Row>,
  rows: readonly Row[],
): Promise<void> {
  const all = [...(await othersThan(evaluation, rows)), ...rows];
  await writeWhole(evaluation.file, `${JSON.stringify(all, null, 1)}\n`);
}

/** The rows that are measured now, and behind them those that were kept of what is not. */
export async function measuredRows<Row extends object>(
  evaluation: RowEvaluation<Row>,
  request: MeasureRequest,
): Promise<ToldRow<Row>[]> {
  const rows = await evaluation.measure(request);
  const others = await othersThan(evaluation, rows);
  return [...rows.map((row) => ({ ...row, isSaved: false })), ...others.map((row) => ({ ...row, isSaved: true }))];
}

/** The header of `columns`, and the cells of each row. */
export function rowTable<Row extends object>(
  columns: RowEvaluation<Row>['columns'],
  rows: readonly Row[],
): { readonly header: string[]; readonly cells: string[][] } {
  return { header: columns.map(([header]) => header), cells: rows.map((row) => columns.map(([, cell]) => cell(row))) };
}

async function othersThan<Row extends object>(evaluation: RowEvaluation<Row>, rows: readonly Row[]): Promise<Row[]> {
  return (await savedRows(evaluation)).filter((row) => !rows.some(isRowOf(evaluation, row)));
}

/** What the log of a training says of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type TrainingFigures = {
  /** Loss of the held-out sequences at the last validation. */ readonly loss?: number;
  /** Updates until the first validation without a mistake in a hundred; null where there was none. */ readonly solvedAfter?:
    | number
    | null;
};

/** Of each validation in the log only this much is looked at. */
type Line = { readonly step: number; readonly validation?: { readonly error: number; readonly loss: number } };

const SOLVED = 0.01;

/** The figures of the training in `folder`; none where it has no log. */
export async function trainingFigures(folder: string): Promise<TrainingFigures> {
  const log = await readFile(join(folder, 'log.jsonl'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => line.includes('"validation"'));
  const validations = lines.map((line) => JSON.parse(line) as Line); // written by the training
  const last = validations.at(-1)?.validation;
  if (last === undefined) return {};
  const solved = validations.find(({ validation }) => validation !== undefined && validation.error <= SOLVED);
  return { loss: last.loss, solvedAfter: solved?.step ?? null };
}

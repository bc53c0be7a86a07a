/** What the log of a training says of its held-out examples. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One look at the held-out examples. */
export type Validation = {
  /** Updates before it. */ readonly updates: number;
  /** Share of wrong answers, 0 to 1; of numbers the root of the mean squared error. */ readonly error: number;
  /** Mean cross-entropy of an answer in nats; of numbers the mean squared error. */ readonly loss: number;
};

/** Of each line only this much is looked at. */
type Line = { readonly step: number; readonly validation?: { readonly error: number; readonly loss: number } };

/** The validations of the training in `folder`, in their order; of what was repeated after a break the last. None where it has no log. */
export async function validationsIn(folder: string): Promise<Validation[]> {
  const log = await readFile(join(folder, 'log.jsonl'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => line.includes('"validation"'));
  const byUpdates = new Map<number, Validation>();
  for (const line of lines) {
    const { step, validation } = JSON.parse(line) as Line; // written by the training
    if (validation !== undefined)
      byUpdates.set(step, { updates: step, error: validation.error, loss: validation.loss });
  }
  return [...byUpdates.values()].toSorted((a, b) => a.updates - b.updates);
}

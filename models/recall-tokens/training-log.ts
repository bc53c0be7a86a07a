/** What the log of a training says of it. */
import { validationsIn } from '../training-log.ts';

export type TrainingFigures = {
  /** Loss of the held-out sequences at the last validation. */ readonly loss?: number;
  /** Updates until the first validation without a mistake in a hundred; null where there was none. */ readonly solvedAfter?:
    | number
    | null;
};

const SOLVED = 0.01;

/** The figures of the training in `folder`; none where it has no log. */
export async function trainingFigures(folder: string): Promise<TrainingFigures> {
  const validations = await validationsIn(folder);
  const last = validations.at(-1);
  if (last === undefined) return {};
  const solved = validations.find(({ error }) => error <= SOLVED);
  return { loss: last.loss, solvedAfter: solved?.updates ?? null };
}

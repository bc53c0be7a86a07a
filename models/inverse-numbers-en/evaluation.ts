/** What inverse-numbers-en gets right, in and beyond the lengths that it was trained on. */
import {
  pooledAccuracy,
  type SequenceAccuracy,
  sequenceAccuracy,
  type SequenceWriter,
} from '../../corpora/sequence-accuracy.ts';
import { FORMS, type Form, LONGEST_MEASURED, LONGEST_TRAINED, testPairs } from './examples.ts';

const PAIRS = 200;
/** Ordinals are learned and measured up to these digits. */
const LONGEST_ORDINAL = 6;

export type NumberRow = SequenceAccuracy & {
  readonly form: Form;
  /** Digits of the numbers; 4 of years. */ readonly digits: number;
  /** Whether training saw numbers so long. */ readonly isTrained: boolean;
};

export type NumbersEvaluation = {
  readonly trained: SequenceAccuracy;
  readonly beyond: SequenceAccuracy;
  readonly rows: readonly NumberRow[];
};

/** Digits by which `form` is measured. */
function digitsOf(form: Form): number[] {
  if (form === 'year') return [4];
  return Array.from({ length: form === 'ordinal' ? LONGEST_ORDINAL : LONGEST_MEASURED }, (_, index) => index + 1);
}

/** Measures what `write` makes of test pairs, with Wilson's intervals. */
export async function evaluateNumbers(write: SequenceWriter): Promise<NumbersEvaluation> {
  const rows: NumberRow[] = [];
  for (const form of FORMS) {
    for (const digits of digitsOf(form)) {
      const measured = await sequenceAccuracy(testPairs(form, digits, PAIRS), write);
      rows.push({ form, digits, isTrained: digits <= LONGEST_TRAINED, ...measured });
    }
  }
  return {
    trained: pooledAccuracy(rows.filter(({ isTrained }) => isTrained)),
    beyond: pooledAccuracy(rows.filter(({ isTrained }) => !isTrained)),
    rows,
  };
}

/** What a model of spelled-out quantities gets right, in and beyond the lengths that it was trained on. */
import {
  pooledAccuracy,
  type SequenceAccuracy,
  sequenceAccuracy,
  type SequenceWriter,
} from '../../corpora/sequence-accuracy.ts';
import type { Kind } from '../../corpora/spelled-out/quantity.ts';
import type { Language } from '../../corpora/spelled-out/spell-out.ts';
import { type Direction, kindsOf, LONGEST_TRAINED, testPairs } from './pairs.ts';

const PAIRS = 200;
/** Digits of the longest cardinals that training has all words for: a billion, and 亿, it never shows. */
const LONGEST_MEASURED: Readonly<Record<Language, number>> = { en: 9, de: 9, fr: 9, zh: 8 };

export type QuantityRow = SequenceAccuracy & {
  readonly kind: Kind;
  /** Digits of a cardinal. */ readonly digits?: number;
  /** Whether training saw quantities so long. */ readonly isTrained: boolean;
};

export type QuantitiesEvaluation = {
  readonly trained: SequenceAccuracy;
  readonly beyond: SequenceAccuracy;
  readonly rows: readonly QuantityRow[];
};

/** Measures what `write` makes of test pairs, with Wilson's intervals. */
export async function evaluateQuantities(
  language: Language,
  direction: Direction,
  write: SequenceWriter,
): Promise<QuantitiesEvaluation> {
  const rows: QuantityRow[] = [];
  for (const kind of kindsOf(direction)) {
    const lengths =
      kind === 'cardinal'
        ? Array.from({ length: LONGEST_MEASURED[language] }, (_, index) => index + 1)
        : [LONGEST_TRAINED];
    for (const digits of lengths) {
      const measured = await sequenceAccuracy(testPairs(language, direction, { kind, digits, count: PAIRS }), write);
      rows.push({
        kind,
        ...(kind === 'cardinal' ? { digits } : {}),
        isTrained: digits <= LONGEST_TRAINED,
        ...measured,
      });
    }
  }
  return {
    trained: pooledAccuracy(rows.filter(({ isTrained }) => isTrained)),
    beyond: pooledAccuracy(rows.filter(({ isTrained }) => !isTrained)),
    rows,
  };
}

/**
 * The founding claim of attention, measured: how often a list of numbers is read aloud without a mistake, by its length, where a model keeps
 * one vector of its input, all of its vectors, or a hierarchical memory (`models/length/README.md`). Trains nothing.
 */
import { type SequenceAccuracy, sequenceAccuracy } from '../corpora/sequence-accuracy.ts';
import { LENGTHS, LONGEST_TRAINED, testLists, type Variant, VARIANTS } from '../models/length/variants.ts';
import { loadWriter } from './sequence-writer.ts';

/** `--lists N`: lists of each length, default 100. */
export const OPTIONS: readonly string[] = ['lists'];

/** A number below a hundred is at most two words; one more would be too many. */
const MOST_WORDS = 2 * Math.max(...LENGTHS) + 1;

export type LengthRow = SequenceAccuracy & {
  readonly model: Variant;
  readonly parameters: number;
  /** Numbers in a list. */ readonly length: number;
  /** Mean number of symbols that came in. */ readonly symbols: number;
  /** Whether training saw lists so long. */ readonly isTrained: boolean;
};

/** Rows of one model, or of all. */
export async function lengthRows(lists: number, models: readonly Variant[] = VARIANTS): Promise<LengthRow[]> {
  const rows: LengthRow[] = [];
  for (const model of models) {
    const { write, parameters, dispose } = await loadWriter(`models/length/${model}`, MOST_WORDS);
    try {
      for (const length of LENGTHS) {
        const pairs = testLists(length, lists);
        const symbols = pairs.reduce((sum, { input }) => sum + input.length, 0) / pairs.length;
        const measured = await sequenceAccuracy(pairs, write);
        rows.push({ model, parameters, length, symbols, isTrained: length <= LONGEST_TRAINED, ...measured });
      }
    } finally {
      await dispose();
    }
  }
  return rows;
}

export default async function benchLength({ lists = '100' }: Readonly<Record<string, string>>): Promise<{
  rows: LengthRow[];
  notes: string[];
}> {
  return {
    rows: await lengthRows(Number(lists)),
    notes: [
      `Share of lists written without a mistake, greedily, with Wilson's interval; trained on lists of 1 to ${LONGEST_TRAINED} numbers.`,
      'Of 100 lists of one number and 10,000 of two training saw all or most; longer ones are new.',
    ],
  };
}

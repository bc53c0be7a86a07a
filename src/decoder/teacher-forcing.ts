/** What an attention decoder thinks of given label sequences: each label fed as if the decoder had said it. */
import { HearkenError } from '../errors.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { DecoderStep } from './beam-search.ts';
import { assertLabels, countRows } from '../ctc/log-probabilities.ts';

export type ScoredSequence = {
  /** Log-probability of the labels and the end after them. */
  readonly logProbability: number;
  /** `[labels, E]`, row-major: where each label's step attended; absent where the decoder does not say. */
  readonly alignment?: Float32Array;
};

/** Scores all sequences together, one step of the decoder a label; a sequence leaves the batch when it has ended. */
export async function scoreByTeacherForcing(
  step: DecoderStep,
  sequences: readonly (readonly number[])[],
): Promise<ScoredSequence[]> {
  const sums = sequences.map(() => 0);
  const alignments = sequences.map((): Float32Array[] => []);
  let running = sequences.map((labels, index) => ({ labels, index, row: 0 }));
  for (let length = 0; running.length > 0; length++) {
    const tokens = Int32Array.from(running, ({ labels }) => (length === 0 ? 0 : labels[length - 1]!));
    const { logProbabilities, alignment } = await step(
      tokens,
      Int32Array.from(running, ({ row }) => row),
    );
    const rowCount = countRows(logProbabilities);
    if (rowCount !== running.length) {
      throw new HearkenError('search/rows', `Expected \`logProbabilities\` of ${running.length} rows, got ${rowCount}`);
    }
    for (const [row, { labels, index }] of running.entries()) {
      const next = length < labels.length ? labels[length]! : 0; // the end
      if (next !== 0) assertLabels('sequences', [next], logProbabilities.width - 1);
      sums[index] = sums[index]! + logProbabilities.data[row * logProbabilities.width + next]!; // see countRows and assertLabels
      if (alignment && length < labels.length) alignments[index]?.push(rowOf(alignment, row, rowCount));
    }
    running = running
      .map(({ labels, index }, row) => ({ labels, index, row }))
      .filter(({ labels }) => labels.length > length);
  }
  return sums.map((logProbability, index) => {
    const rows = alignments[index] ?? [];
    return rows.length > 0 ? { logProbability, alignment: concatenate(rows) } : { logProbability };
  });
}

function rowOf(alignment: Float32Array, row: number, rowCount: number): Float32Array {
  const width = alignment.length / rowCount;
  return alignment.slice(row * width, (row + 1) * width);
}

import { HearkenError } from '../errors.ts';

/** What a decoder attended to while it spoke one utterance. */
export type DecodedAlignment = {
  /** For each label in order, without the end: its alignment with the E entries. */
  readonly rows: readonly ArrayLike<number>[];
  /** When each of the E entries was heard, in any unit: for a summary, the middle of what it stands for. */
  readonly times: ArrayLike<number>;
};

/** Whether a decoder reads its memory in order: what tells one that listens from one that guesses. */
export type AlignmentFigures = {
  /** Steps from one label to the next. */ readonly steps: number;
  /** Steps on which the peak of the alignment moved to a later time. */ readonly forward: number;
  /** Steps on which it moved to an earlier one; on the others it stayed. */ readonly backward: number;
  /** Mean over all labels of the largest share that an entry has, 0 to 1; 0 where there is no label. */
  readonly meanPeak: number;
};

/** Figures over all `utterances`. Throws `alignment/length` where a row does not match `times`. */
export function alignmentFigures(utterances: Iterable<DecodedAlignment>): AlignmentFigures {
  let [steps, forward, backward, labels, peaks] = [0, 0, 0, 0, 0];
  for (const { rows, times } of utterances) {
    let previous: number | undefined;
    for (const row of rows) {
      const { share, time } = peakOf(row, times);
      labels += 1;
      peaks += share;
      if (previous !== undefined) {
        steps += 1;
        if (time > previous) forward += 1;
        if (time < previous) backward += 1;
      }
      previous = time;
    }
  }
  return { steps, forward, backward, meanPeak: labels === 0 ? 0 : peaks / labels };
}

function peakOf(row: ArrayLike<number>, times: ArrayLike<number>): { readonly share: number; readonly time: number } {
  if (row.length !== times.length || row.length === 0) {
    throw new HearkenError(
      'alignment/length',
      `Expected \`rows\` of 1 or more entries, as many as \`times\` has (${times.length}), got ${row.length}`,
    );
  }
  const shares = Array.from(row);
  const peak = shares.reduce((best, share, index) => (share > (shares[best] ?? 0) ? index : best), 0);
  return { share: shares[peak] ?? 0, time: times[peak] ?? 0 };
}

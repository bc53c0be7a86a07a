/** How the attention decoder walked through what was said. */

/** A row of weights over time for each word of an utterance. */
export type Alignment = readonly Float32Array[];

export type AlignmentReport = {
  /** Steps from a word to the next. */
  readonly steps: number;
  /** Steps in which the peak of the alignment moved forward in time. */
  readonly forward: number;
  /** Mean over words of the largest weight, 0 to 1. */
  readonly meanPeak: number;
};

/** Whether the decoder walks forward through each string, and how sharply it looks. */
export function describeAlignments(alignments: readonly Alignment[]): AlignmentReport {
  let forward = 0;
  let steps = 0;
  const peakWeights: number[] = [];
  for (const alignment of alignments) {
    const peaks = alignment.map((weights) => weights.indexOf(Math.max(...weights)));
    peakWeights.push(...alignment.map((weights) => Math.max(...weights)));
    steps += Math.max(0, peaks.length - 1);
    forward += peaks.filter((peak, index) => index > 0 && peak > peaks[index - 1]!).length;
  }
  const meanPeak = peakWeights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, peakWeights.length);
  return { steps, forward, meanPeak };
}

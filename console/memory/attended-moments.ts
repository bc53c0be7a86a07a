/** Attention in words: at which few moments a read looked most, and what was said there. */
import type { WordMessage } from '../../client/index.ts';
import type { Past } from './past.ts';

export type Moment = {
  readonly start: number;
  readonly end: number;
  /** Share of attention, 0 to 1. */ readonly share: number;
  /** Words that were said at that time. */ readonly words: string;
};

const MOMENTS = 3;
/** Bins below this are not worth a line. */
const SMALLEST_SHARE = 0.02;

/** Neighbouring bins that were looked at make one moment; the one that was looked at most first. */
export function attendedMoments({ bins }: Past, words: readonly WordMessage[]): Moment[] {
  const moments: { start: number; end: number; share: number }[] = [];
  for (const { start, end, share } of bins) {
    if (share < SMALLEST_SHARE) continue;
    const last = moments.at(-1);
    if (last !== undefined && Math.abs(last.end - start) < 1e-6) {
      last.end = end;
      last.share += share;
    } else moments.push({ start, end, share });
  }
  return moments
    .toSorted((one, other) => other.share - one.share)
    .slice(0, MOMENTS)
    .map((moment) => ({
      ...moment,
      words: words
        .filter(({ start, end }) => start < moment.end && end > moment.start)
        .map(({ word }) => word)
        .join(' '),
    }));
}

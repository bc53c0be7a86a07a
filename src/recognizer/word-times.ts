/** From the labels of an utterance to words with times and confidences. */
import { alignLabels } from '../ctc/alignment.ts';
import { countRows, type LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import { HearkenError } from '../errors.ts';
import type { DecodingOptions } from '../model/decoding.ts';
import type { Word } from '../text/word.ts';
import { calibrated, labelShare, nBestPosteriors } from './confidence.ts';

export type UtteranceWords = {
  /** CTC log-probabilities `[n, L + 1]` of the utterance. */
  readonly rows: LogProbabilityRows;
  /** `[n]`: mean of each vector's log-mel energies before normalisation. */
  readonly energies: ArrayLike<number>;
  /** The labels to place, one a word. */
  readonly labels: readonly number[];
  /** The labels that could have been said, and how each is written, as in `Grammar`. */
  readonly words: ReadonlyMap<number, string>;
  /** The hypotheses that `labels` was chosen from, with log-probabilities. */
  readonly nBest: readonly Hypothesis[];
  /** Start of the first row's vector, in seconds from the start of the stream. */
  readonly startSeconds: number;
  readonly secondsPerVector: number;
  readonly decoding: WordPlacement;
};

/** The decoding options that say where words lie, and how sure of them one is. */
export type WordPlacement = Pick<DecodingOptions, 'wordTimes' | 'confidence'> & {
  readonly endpointing: Pick<DecodingOptions['endpointing'], 'latestLabelMs' | 'quietestBackground'>;
};

/**
 * The words of an utterance: times in order, disjoint and inside its rows, whatever the model says.
 *
 * Throws `search/not-alignable` if no CTC path of the rows spells `labels`, `search/energies` or `search/unknown-word`.
 */
export function timeWords(utterance: UtteranceWords): Word[] {
  const { rows, energies, labels, startSeconds, secondsPerVector, decoding } = utterance;
  const rowCount = countRows(rows);
  if (energies.length !== rowCount) {
    throw new HearkenError('search/energies', `Expected \`energies\` of ${rowCount} rows, got ${energies.length}`);
  }
  if (labels.length === 0) return [];
  const aligned = alignLabels(rows, labels).labels;
  const peaks = aligned.map(({ peak }) => peak);
  const segments = segmentWords({ peaks, energies, secondsPerVector, decoding });
  const posteriors = nBestPosteriors(labels, utterance.nBest);
  return aligned.map((label, index) => {
    const { start, end } = segments[index]!; // one for each label, as there is a posterior
    return {
      word: wordOf(utterance.words, label.label),
      start: startSeconds + start * secondsPerVector,
      end: startSeconds + end * secondsPerVector,
      confidence: calibrated(
        Math.min(posteriors[index]!, labelShare(rows, label, utterance.words.keys())),
        decoding.confidence,
      ),
    };
  });
}

/** The row after the last one of the last word, by CTC and energy. Throws as `timeWords` does; at least one label. */
export function findLastWordEnd({
  rows,
  energies,
  labels,
  secondsPerVector,
  decoding,
}: Pick<UtteranceWords, 'rows' | 'energies' | 'labels' | 'secondsPerVector' | 'decoding'>): number {
  const peaks = alignLabels(rows, labels).labels.map(({ peak }) => peak);
  return segmentWords({ peaks, energies, secondsPerVector, decoding }).at(-1)?.end ?? 0;
}

function wordOf(words: ReadonlyMap<number, string>, label: number): string {
  const word = words.get(label);
  if (word === undefined) {
    const known = [...words.keys()].join(', ');
    throw new HearkenError('search/unknown-word', `Expected labels that \`words\` writes (${known}), got ${label}`);
  }
  return word;
}

/*
 * From the row in which CTC emitted each word to the span of its sound. CTC labels are spikes, often late, and say little
 * about extent (Zeyer et al., 2021, "Why does CTC result in peaky behavior?"); energy says where sound is, but not whose.
 * Put together: a semi-Markov segmentation that gives the vectors with sound to words and the silent ones to gaps, where
 * each word holds, or ends shortly before, the row that emitted it.
 */

/** A half-open span of vectors, `start < end`. */
type Segment = { readonly start: number; readonly end: number };

type SegmentationInput = {
  /** Row that emitted each word, strictly ascending. */
  readonly peaks: readonly number[];
  /** Log energy of each row's vector. */
  readonly energies: ArrayLike<number>;
  readonly secondsPerVector: number;
  /** Bounds and priors; the unit of all costs is one vector of certain sound. */
  readonly decoding: WordPlacement;
};

/** Sound begins at this share of the way from quiet to loud, and is certain this much further; of at least this range. */
const SOUND_THRESHOLD = 0.35;
const SOUND_SLOPE = 0.3;
const LEAST_RANGE = 1.5;

/** A room stays within this range of its level for longer than words that fade do, which is 0.16 s at most (98 % of them). */
const STEADY_RANGE = 0.25;
const STEADY_SECONDS = 0.2;

/** Cost of parting two words in the midst of certain sound. */
const LOUD_BOUNDARY_COST = 2;

/**
 * One segment a word, in order, disjoint, inside the rows.
 *
 * Dynamic programming over the words; of each only rows near its peak are looked at, for it can neither begin nor end
 * elsewhere.
 */
export function segmentWords(input: SegmentationInput): Segment[] {
  const terms = termsOf(input);
  let before: Placement = { firstEnd: 0, scores: Float64Array.of(0), starts: new Int32Array(1), previousEnds: NO_ROWS };
  const placements: Placement[] = [];
  for (const peak of input.peaks) {
    before = placeWord(terms, before, peak);
    placements.push(before);
  }
  return traceBack(placements);
}

const NO_ROWS = new Int32Array(0);

/** The costs and bounds by which the words of one utterance are placed. */
type Terms = {
  readonly rowCount: number;
  /** `[n + 1]`: twice the sums of soundness before a row: what it gains to give rows to words and not to gaps. */
  readonly gains: Float64Array;
  /** `[n + 1]`: what it costs if one word ends and the next begins right there, by how loud it is there. */
  readonly boundaryCosts: Float64Array;
  /** Longest time, in rows, by which a word may begin or end before its peak. */
  readonly longestBefore: number;
  readonly latestEmission: number;
  readonly longestAfter: number;
  /** Cost of a word's length, by rows. */ readonly lengthCosts: Float64Array;
  /** Cost of a word's end, by the rows from its earliest possible end. */ readonly emissionCosts: Float64Array;
};

function termsOf(input: SegmentationInput): Terms {
  const { secondsPerVector } = input;
  const { wordTimes, endpointing } = input.decoding;
  const sound = soundness(input);
  const rows = (seconds: number) => Math.round(seconds / secondsPerVector);
  const longestBefore = rows(wordTimes.longestBeforeSeconds);
  const latestEmission = rows(endpointing.latestLabelMs / 1000);
  const longestAfter = rows(wordTimes.longestAfterSeconds);
  return {
    rowCount: sound.length,
    gains: gainsOf(sound),
    boundaryCosts: boundaryCostsOf(sound),
    longestBefore,
    latestEmission,
    longestAfter,
    lengthCosts: lengthCostsOf(longestBefore + 1 + longestAfter, input),
    emissionCosts: Float64Array.from({ length: latestEmission + longestAfter + 1 }, (_, offset) => {
      const emission = ((offset - latestEmission) * secondsPerVector) / wordTimes.emissionDeviationSeconds;
      return emission ** 2;
    }),
  };
}

/** How certainly each vector is sound, -1 (background) to 1, by its place between the quiet and the loud ones. */
function soundness({ energies, secondsPerVector, decoding }: SegmentationInput): Float64Array {
  const { quietestBackground: quietest } = decoding.endpointing;
  const levels = new Float64Array(energies.length);
  for (let row = 0; row < levels.length; row++) levels[row] = Math.max(energies[row]!, quietest);
  const { quiet, loud } = levelRange(levels, quietest, STEADY_SECONDS / secondsPerVector);
  const range = Math.max(loud - quiet, LEAST_RANGE);
  for (let row = 0; row < levels.length; row++) {
    levels[row] = clamp((levels[row]! - quiet - SOUND_THRESHOLD * range) / (SOUND_SLOPE * range));
  }
  return levels;
}

/**
 * The levels of the background and of loud sound. A muted microphone, a line that sends nothing in pauses and what fills
 * up a recording are no silence of the room, and a vector beside them may hold some of both; so where vectors are that
 * quiet, the background is the quiet level of the others, if they stay on it for `steadyRows`. If they do not, there is no
 * room to hear, only sound that fades, and the background is that silence.
 */
function levelRange(levels: Float64Array, quietest: number, steadyRows: number): { quiet: number; loud: number } {
  const audible = audibleAround(levels, quietest);
  const sorted = (audible.length === 0 ? levels : audible).toSorted();
  const quiet = quantile(sorted, 0.05);
  const isRoom = levels.every((level) => level > quietest) || longestStay(levels, quiet) >= steadyRows;
  return { quiet: isRoom ? quiet : quietest, loud: quantile(sorted, 0.9) };
}

/** The levels of the vectors that are louder than `quietest` between others that are. */
function audibleAround(levels: Float64Array, quietest: number): Float64Array {
  const audible = new Float64Array(levels.length);
  const last = levels.length - 1;
  let count = 0;
  for (let row = 0; row < levels.length; row++) {
    const isBetween = (row === 0 || levels[row - 1]! > quietest) && (row === last || levels[row + 1]! > quietest);
    if (isBetween && levels[row]! > quietest) audible[count++] = levels[row]!;
  }
  return audible.subarray(0, count);
}

/** Rows for which the levels stay near `level` at most. */
function longestStay(levels: Float64Array, level: number): number {
  let longest = 0;
  let stay = 0;
  for (const each of levels) {
    stay = Math.abs(each - level) <= STEADY_RANGE ? stay + 1 : 0;
    longest = Math.max(longest, stay);
  }
  return longest;
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

function gainsOf(sound: Float64Array): Float64Array {
  const gains = new Float64Array(sound.length + 1);
  for (let row = 0; row < sound.length; row++) gains[row + 1] = gains[row]! + 2 * sound[row]!;
  return gains;
}

function boundaryCostsOf(sound: Float64Array): Float64Array {
  const costs = new Float64Array(sound.length + 1);
  // There is silence around the utterance: at its edges it costs nothing.
  for (let row = 1; row < sound.length; row++) {
    costs[row] = LOUD_BOUNDARY_COST * Math.max(0, Math.min(sound[row - 1]!, sound[row]!));
  }
  return costs;
}

/** Best scores of the ends that a word may have. */
type Placement = {
  /** The first row at which it may end. */ readonly firstEnd: number;
  /** Best score of the words so far by the word's end, -Infinity where none can be. */ readonly scores: Float64Array;
  /** Start of the word that ends there, by its end. */ readonly starts: Int32Array;
  /** End of the word before it by the word's start, from `firstStart` on. */ readonly previousEnds: Int32Array;
  readonly firstStart?: number;
};

/** Places the word of `peak` after those of `before`. */
function placeWord(terms: Terms, before: Placement, peak: number): Placement {
  const { gains, latestEmission, lengthCosts, emissionCosts } = terms;
  const firstStart = Math.max(0, peak - terms.longestBefore);
  const arrival = arrive(terms, before, firstStart, peak);
  const earliestEnd = peak - latestEmission + 1;
  const firstEnd = Math.max(firstStart + 1, earliestEnd);
  const lastEnd = Math.min(terms.rowCount, peak + 1 + terms.longestAfter);
  const scores = new Float64Array(lastEnd - firstEnd + 1).fill(Number.NEGATIVE_INFINITY);
  const starts = new Int32Array(scores.length);
  for (let start = firstStart; start <= peak; start++) {
    // Every index is inside: ends are at most `lastEnd`, and the costs are as many as there are lengths and ends.
    const without = arrival.scores[start - firstStart]! - gains[start]!;
    for (let end = Math.max(start + 1, earliestEnd); end <= lastEnd; end++) {
      const costs = lengthCosts[end - start]! + emissionCosts[end - earliestEnd]!;
      const score = without + gains[end]! - costs / 2;
      if (score > scores[end - firstEnd]!) {
        scores[end - firstEnd] = score;
        starts[end - firstEnd] = start;
      }
    }
  }
  return { firstEnd, scores, starts, firstStart, previousEnds: arrival.previousEnds };
}

/**
 * For a word that starts at a row from `firstStart` to `lastStart`: the best score of the words before it, and where the
 * last of those ends; right there, which costs by how loud the boundary is, or earlier, after which there is a gap.
 */
function arrive(
  { boundaryCosts }: Terms,
  { firstEnd, scores: ending }: Placement,
  firstStart: number,
  lastStart: number,
): { scores: Float64Array; previousEnds: Int32Array } {
  const scores = new Float64Array(lastStart - firstStart + 1);
  const previousEnds = new Int32Array(scores.length);
  let earlier = 0;
  let best = Number.NEGATIVE_INFINITY; // of ends before `start`, that at `earlier`
  for (let start = Math.min(firstEnd, firstStart); start <= lastStart; start++) {
    const end = start - firstEnd;
    const canEnd = end >= 0 && end < ending.length; // the word before
    const here = canEnd ? ending[end]! : Number.NEGATIVE_INFINITY;
    if (start >= firstStart) {
      const adjacent = here - boundaryCosts[start]!;
      const isAdjacent = start === 0 || adjacent > best;
      scores[start - firstStart] = isAdjacent ? adjacent : best;
      previousEnds[start - firstStart] = isAdjacent ? start : earlier;
    }
    if (here > best) {
      best = here;
      earlier = start;
    }
  }
  return { scores, previousEnds };
}

/**
 * Cost of a length, by rows from 0 to `longest`: the square of its distance from the typical one, in deviations of its
 * logarithm.
 */
function lengthCostsOf(longest: number, { secondsPerVector, decoding }: SegmentationInput): Float64Array {
  const { typicalLengthSeconds, lengthDeviation } = decoding.wordTimes;
  const costs = new Float64Array(longest + 1);
  for (let rows = 0; rows <= longest; rows++) {
    costs[rows] = (Math.log((rows * secondsPerVector) / typicalLengthSeconds) / lengthDeviation) ** 2;
  }
  return costs;
}

function traceBack(placements: readonly Placement[]): Segment[] {
  const segments: Segment[] = [];
  let end: number | undefined; // of the last word: the likeliest, the first of equals
  for (const { firstEnd, firstStart = 0, scores, starts, previousEnds } of placements.toReversed()) {
    end ??= firstEnd + indexOfLargest(scores);
    const start = starts[end - firstEnd]!; // words end where the next placement says that they do
    segments.push({ start, end });
    end = previousEnds[start - firstStart]!;
  }
  return segments.toReversed();
}

function indexOfLargest(numbers: Float64Array): number {
  let largest = 0;
  for (let index = 1; index < numbers.length; index++) {
    if (numbers[index]! > numbers[largest]!) largest = index;
  }
  return largest;
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value));
}

import type { segmentWords } from '../../src/recognizer/word-times.ts';

type SegmentationInput = Parameters<typeof segmentWords>[0];
type Segment = ReturnType<typeof segmentWords>[number];

/** Sound begins at this share of the way from quiet to loud, and is certain this much further; of at least this range. */
const SOUND_THRESHOLD = 0.35;
const SOUND_SLOPE = 0.3;
const LEAST_RANGE = 1.5;

/** A room stays within this range of its level for longer than words that fade do, which is 0.16 s at most (98 % of them). */
const STEADY_RANGE = 0.25;
const STEADY_SECONDS = 0.2;

/** What it costs to part two words in the midst of certain sound. */
const LOUD_BOUNDARY_COST = 2;

/** One segment a word, in order, disjoint, inside the rows: every word is placed over all rows. */
export function naiveSegments(input: SegmentationInput): Segment[] {
  const sound = soundness(input);
  const gains = gainsOf(sound);
  // ending[t]: the best score of the words so far where the last of them ends exactly at row t; no word ends at 0.
  let ending = new Float64Array(sound.length + 1).fill(Number.NEGATIVE_INFINITY);
  ending[0] = 0;
  const starts: Int32Array[] = [];
  const previousEnds: Int32Array[] = [];
  for (let word = 0; word < input.peaks.length; word++) {
    const arrival = arrive(ending, sound);
    const placed = placeWord(input, word, arrival.scores, gains);
    ending = placed.ending;
    starts.push(placed.starts);
    previousEnds.push(arrival.previousEnds);
  }
  return traceBack(ending, starts, previousEnds);
}

/** How surely each vector is sound, -1 (background) to 1, by its place between the quiet and the loud ones. */
function soundness({ energies, secondsPerVector, decoding }: SegmentationInput): Float64Array {
  const { quietestBackground: quietest } = decoding.endpointing;
  const levels = Float64Array.from(energies, (energy) => Math.max(energy, quietest));
  const { quiet, loud } = levelRange(levels, quietest, STEADY_SECONDS / secondsPerVector);
  const range = Math.max(loud - quiet, LEAST_RANGE);
  return levels.map((level) => clamp((level - quiet - SOUND_THRESHOLD * range) / (SOUND_SLOPE * range)));
}

/**
 * The levels of the background and of loud sound. A muted microphone, a line that sends nothing in pauses and what fills
 * up a recording are no silence of the room, and a vector beside them may hold some of both; so where vectors are that
 * quiet, the background is the quiet level of the others, if they stay on it for `steadyRows`. If they do not, there is no
 * room to hear, only sound that fades, and the background is that silence.
 */
function levelRange(levels: Float64Array, quietest: number, steadyRows: number): { quiet: number; loud: number } {
  const isHeard = (row: number) => (levels[row] ?? Number.POSITIVE_INFINITY) > quietest;
  let heard = levels.filter((_, row) => isHeard(row - 1) && isHeard(row) && isHeard(row + 1)).toSorted();
  if (heard.length === 0) heard = levels.toSorted();
  const quiet = quantile(heard, 0.05);
  const isRoom = levels.every((_, row) => isHeard(row)) || longestStay(levels, quiet) >= steadyRows;
  return { quiet: isRoom ? quiet : quietest, loud: quantile(heard, 0.9) };
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
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

/** Twice the sums of `sound[0..t)`: what it gains to give these rows to words and not to gaps. */
function gainsOf(sound: Float64Array): Float64Array {
  const gains = new Float64Array(sound.length + 1);
  for (const [row, value] of sound.entries()) gains[row + 1] = (gains[row] ?? 0) + 2 * value;
  return gains;
}

/**
 * For a word that starts at each row: the best score of the words before it, and where the last of those ends; right
 * there, which costs by how loud the boundary is, or earlier, after which there is a gap.
 */
function arrive(ending: Float64Array, sound: Float64Array): { scores: Float64Array; previousEnds: Int32Array } {
  const scores = new Float64Array(ending.length);
  const previousEnds = new Int32Array(ending.length);
  let earlier = 0;
  for (let start = 0; start < ending.length; start++) {
    const quieterSide = Math.min(sound[start - 1] ?? -1, sound[start] ?? -1);
    const adjacent = (ending[start] ?? 0) - LOUD_BOUNDARY_COST * Math.max(0, quieterSide);
    const isAdjacent = start === 0 || adjacent > (ending[earlier] ?? 0);
    scores[start] = isAdjacent ? adjacent : (ending[earlier] ?? 0);
    previousEnds[start] = isAdjacent ? start : earlier;
    if ((ending[start] ?? 0) > (ending[earlier] ?? 0)) earlier = start;
  }
  return { scores, previousEnds };
}

/** For each row at which the word may end: the best score, and where it then starts. */
function placeWord(input: SegmentationInput, word: number, arrival: Float64Array, gains: Float64Array) {
  const { wordTimes, endpointing } = input.decoding;
  const rows = (seconds: number) => Math.round(seconds / input.secondsPerVector);
  const peak = input.peaks[word] ?? 0;
  const ending = new Float64Array(gains.length).fill(Number.NEGATIVE_INFINITY);
  const starts = new Int32Array(gains.length);
  const firstStart = Math.max(0, peak - rows(wordTimes.longestBeforeSeconds));
  const lastEnd = Math.min(gains.length - 1, peak + 1 + rows(wordTimes.longestAfterSeconds));
  const lengthCosts = lengthCostsOf(lastEnd - firstStart, input);
  for (let start = firstStart; start <= peak; start++) {
    const firstEnd = Math.max(start, peak - rows(endpointing.latestLabelMs / 1000)) + 1;
    const before = arrival[start]! - gains[start]!; // every index is inside: ends are at most lastEnd
    for (let end = firstEnd; end <= lastEnd; end++) {
      const emission = ((end - 1 - peak) * input.secondsPerVector) / wordTimes.emissionDeviationSeconds;
      const score = before + gains[end]! - (lengthCosts[end - start]! + emission ** 2) / 2;
      if (score > ending[end]!) {
        ending[end] = score;
        starts[end] = start;
      }
    }
  }
  return { ending, starts };
}

/** What a length costs, by its rows from 0 to `longest`: the square of its distance from the typical one, in deviations of its logarithm. */
function lengthCostsOf(longest: number, { secondsPerVector, decoding }: SegmentationInput): Float64Array {
  const { typicalLengthSeconds, lengthDeviation } = decoding.wordTimes;
  const costs = new Float64Array(longest + 1);
  for (let rows = 0; rows <= longest; rows++) {
    costs[rows] = (Math.log((rows * secondsPerVector) / typicalLengthSeconds) / lengthDeviation) ** 2;
  }
  return costs;
}

function traceBack(
  ending: Float64Array,
  starts: readonly Int32Array[],
  previousEnds: readonly Int32Array[],
): Segment[] {
  const segments: Segment[] = [];
  let end = ending.reduce((best, score, row) => (score > (ending[best] ?? 0) ? row : best), 0);
  for (let word = starts.length - 1; word >= 0; word--) {
    const start = starts[word]?.[end] ?? 0;
    segments.unshift({ start, end });
    end = previousEnds[word]?.[start] ?? 0;
  }
  return segments;
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value));
}

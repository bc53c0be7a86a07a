/** How long after a word's end it was written, and whether it stayed: measures of what a recogniser says while it listens. */

/** All that stood there at some time of a stream, oldest first. */
export type Reading = {
  /** Seconds of the stream that had been heard. */ readonly time: number;
  readonly words: readonly string[];
  /** How many of the words, from the first on, can never change. */ readonly settled: number;
};

export type WordDelays = {
  /** Seconds from each word's end until it stood where it stayed, for good as it turned out. */ readonly shown: readonly number[];
  /** Seconds from each word's end until it could not change any more. */ readonly settled: readonly number[];
};

/** Delays of the words that end at `ends`, in seconds; `undefined` where what was written last is not what was said, `said`. */
export function delaysOf(
  readings: readonly Reading[],
  said: readonly string[],
  ends: readonly number[],
): WordDelays | undefined {
  const last = readings.at(-1)?.words ?? [];
  if (last.join(' ') !== said.join(' ')) return undefined;
  const from = (holds: (reading: Reading, index: number) => boolean) =>
    ends.map((end, index) => {
      const before = readings.findLastIndex((reading) => !holds(reading, index));
      return (readings[before + 1]?.time ?? Number.NaN) - end; // the last reading holds
    });
  return {
    shown: from(({ words }, index) => words[index] === said[index]),
    settled: from(({ settled }, index) => settled > index),
  };
}

/** How many words stood somewhere and were taken back or changed later. */
export function takenBack(readings: readonly Reading[]): number {
  return readings.reduce((sum, { words }, index) => {
    const before = readings[index - 1]?.words ?? [];
    return sum + before.filter((word, place) => words[place] !== word).length;
  }, 0);
}

/** The value below which `share` of `values` lie. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Leaves, or nodes of a level, by their numbers, oldest first, of which the newest are kept: appended at the end, taken back from the end, read anywhere. */
import { HearkenError } from '../errors.ts';
import type { LeafPart, LeafPlace, LeafSegment, Rows } from './leaf-segments.ts';

export type LeafLog = {
  /** Leaves that were ever appended: the number of the next one. */ readonly count: () => number;
  /** Number of the oldest leaf that is still kept. */ readonly first: () => number;
  /** Appends rows `[n, D]`. */ readonly append: (rows: Rows) => void;
  /** Keeps, whatever comes, what was kept when there were `count` leaves: so that a stream can go back there. */
  readonly hold: (count: number) => void;
  /** Throws `memory/cold-store` where leaves are gone that were kept when there were `count`. */
  readonly assertKept: (count: number) => void;
  /** Takes back all leaves from number `count` on. Throws as `assertKept` does. */
  readonly truncate: (count: number) => void;
  /** Keys of the leaves `from` to `to`, all of them kept, in blocks that are only to be read at once. */
  readonly eachKeys: (
    from: number,
    to: number,
    visit: (keys: Float32Array, first: number, count: number) => void,
  ) => void;
  /** A copy of one row, `[D]`. */ readonly row: (part: LeafPart, number: number) => Float32Array;
  readonly close: () => void;
};

export type LeafLogOptions = {
  readonly depth: number;
  /** The most leaves that are kept. */ readonly retention: number;
  /** Leaves that are there: numbers `lowest` to `count`, of a log whose first had number `base`. */ readonly held: {
    readonly base: number;
    readonly lowest: number;
    readonly count: number;
  };
};

/** Keys that are handed out at once at most, in numbers. */
const BLOCK_NUMBERS = 1 << 18;

export function createLeafLog(place: LeafPlace, { depth, retention, held }: LeafLogOptions): LeafLog {
  const { size } = place;
  const { base } = held;
  /** `lowest` is the oldest leaf that can be read: up to a segment more than what is kept, so that a stream can go back a little. */
  let { lowest, count } = held;
  let goesBackTo = Infinity;
  const segments = new Map<number, LeafSegment>();
  const segmentOf = (leaf: number): LeafSegment => {
    const index = Math.floor(leaf / size);
    let segment = segments.get(index);
    if (segment === undefined) segments.set(index, (segment = place.open(index)));
    return segment;
  };
  const drop = (index: number): void => {
    segments.get(index)?.close();
    segments.delete(index);
    place.remove(index);
  };
  const firstOf = (all: number): number => Math.max(base, all - retention);
  const assertKept = (leaves: number): void => {
    const first = firstOf(leaves);
    if (first >= lowest) return;
    const gone = `those from ${lowest} on`;
    throw new HearkenError('memory/cold-store', `Expected leaves from ${first} on to be kept, got ${gone}`);
  };
  const read = (part: LeafPart, from: number, rows: number): Float32Array =>
    segmentOf(from).read(part, from % size, rows);
  return {
    count: () => count,
    first: () => firstOf(count),
    append: ({ keys, values }) => {
      const end = count + keys.length / depth;
      for (let from = count; from < end; ) {
        const rows = Math.min(end - from, size - (from % size));
        const part = (data: Float32Array): Float32Array =>
          data.subarray((from - count) * depth, (from - count + rows) * depth);
        segmentOf(from).write(from % size, { keys: part(keys), ...(values && { values: part(values) }) });
        from += rows;
      }
      count = end;
      for (let index = Math.floor(lowest / size); (index + 2) * size <= firstOf(Math.min(count, goesBackTo)); index++) {
        drop(index);
        lowest = (index + 1) * size;
      }
    },
    hold: (leaves) => void (goesBackTo = leaves),
    assertKept,
    truncate: (to) => {
      assertKept(to);
      const last = Math.floor((count - 1) / size);
      for (let index = last; index * size >= to && index >= 0; index--) drop(index);
      if (to < count && to % size > 0) segmentOf(to).truncate(to % size);
      count = to;
    },
    eachKeys: (from, to, visit) => {
      const block = Math.max(1, Math.floor(BLOCK_NUMBERS / depth));
      for (let first = from; first < to; ) {
        const rows = Math.min(to - first, size - (first % size), block);
        visit(read('keys', first, rows), first, rows);
        first += rows;
      }
    },
    row: (part, number) => read(part, number, 1).slice(),
    close: () => {
      for (const segment of segments.values()) segment.close();
      segments.clear();
    },
  };
}

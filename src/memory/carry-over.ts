/**
 * What a walk over the entries of a memory carries on while the memory grows: entries merge between one query and the next,
 * and numbers that belong to entries must go where those went.
 *
 * E entries before, F after.
 */
import { assertInteger } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { type Entry, liveEntries } from './state.ts';

export type Growth = {
  /** Vectors when the numbers were made. */ readonly before: number;
  /** Vectors now; not fewer. */ readonly after: number;
};

/**
 * The state `ahead` of monotonic attention, MoChA or MILk, `[E]` to `[F]`: where the query before may have stopped inside what
 * is one summary now, it has stopped at the summary's first slot, so that nothing unheard is passed. A walk that found no stop
 * goes on at the first entry that holds what came since. Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import { carryAhead, liveEntries } from 'hearken/memory';
 *
 * const config = { depth: 4, heads: 1, window: 2, leafFanIn: 2, fanIn: 2, slots: 1, tokenCountBias: true };
 * const spans = (count: number) => liveEntries(config, count).map(({ span }) => `${span.start}-${span.end}`).join(' ');
 * console.log(spans(3), '|', spans(4));
 * // It stopped at vector 1: nothing of it lies beyond entry 1.
 * console.log(carryAhead(config, { before: 3, after: 4 }, Float32Array.of(1, 0, 0)).join(' '));
 * // => 0-1 1-2 2-3 | 0-2 2-3 3-4
 * // => 0 0 0
 * ```
 */
export function carryAhead(config: MemoryConfig, growth: Growth, ahead: Float32Array): Float32Array {
  const old = entriesBefore(config, growth, ahead);
  return Float32Array.from(liveEntries(config, growth.after), (entry) => {
    if (entry.span.end > growth.before) return 0; // nobody has gone beyond what nobody had heard
    const kept = old.findIndex((each) => isSame(each, entry));
    const last = old.findLastIndex(({ span }) => span.end <= entry.span.end); // there is one: all up to `before` was held
    return ahead[kept >= 0 ? kept : last]!;
  });
}

/**
 * The state `alignment` of location-aware attention, `[E]` to `[F]`: a new summary's slots share evenly what its parts had. Throws
 * `option/out-of-range`.
 */
export function carryAlignment(config: MemoryConfig, growth: Growth, alignment: Float32Array): Float32Array {
  const old = entriesBefore(config, growth, alignment);
  const entries = liveEntries(config, growth.after);
  const slots = new Map<number, number>(); // of each span, by its start
  for (const { span } of entries) slots.set(span.start, (slots.get(span.start) ?? 0) + 1);
  return Float32Array.from(entries, (entry) => {
    const kept = old.findIndex((each) => isSame(each, entry));
    if (kept >= 0) return alignment[kept]!; // one for each entry
    let sum = 0;
    for (const [index, { span }] of old.entries()) {
      if (span.start >= entry.span.start && span.end <= entry.span.end) sum += alignment[index]!;
    }
    return sum / (slots.get(entry.span.start) ?? 1);
  });
}

function isSame(a: Entry, b: Entry): boolean {
  return a.level === b.level && a.row === b.row;
}

function entriesBefore(config: MemoryConfig, { before, after }: Growth, numbers: Float32Array) {
  assertInteger('after', after, before, Number.MAX_SAFE_INTEGER);
  const entries = liveEntries(config, before);
  assertInteger('numbers.length', numbers.length, entries.length, entries.length);
  return entries;
}

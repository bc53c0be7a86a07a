import type { MemoryConfig } from './config.ts';
import { liveNodes, nodeMass, nodeSpan, type Span } from './schedule.ts';

/** One row of what a read attends over: a window vector, or one slot of a live root. */
export type Entry = {
  /** 0 for a vector. */
  readonly level: number;
  /** Row on its level: the vector's index, or m times the node's index plus the slot's. */
  readonly row: number;
  /** The vectors it stands for; the m slots of a node share one span. */
  readonly span: Span;
};

/** What a logit or a score of something absent gets added: far below any real one, yet finite, so that no row is NaN. */
export const MASKED = -1e9;

/** Rows that one node of `level` has: a vector is its own slot. */
export function slotsOf({ slots }: Pick<MemoryConfig, 'slots'>, level: number): number {
  return level === 0 ? 1 : slots;
}

/** The entries after `count` vectors, oldest first: the slots of the highest level, ..., the window vectors in time order. */
export function liveEntries(config: MemoryConfig, count: number): Entry[] {
  const levels = liveNodes(config, count).map(({ start, end }, level) => {
    const slots = slotsOf(config, level);
    return Array.from({ length: (end - start) * slots }, (_, offset) => {
      const row = start * slots + offset;
      return { level, row, span: nodeSpan(config, level, Math.floor(row / slots)) };
    });
  });
  return levels.toReversed().flat();
}

/** What reads add to the logits of a live entry of `level`: with `massBias` the logarithm of its mass, else 0. */
export function entryBias(config: MemoryConfig, level: number): number {
  return config.massBias ? Math.log(nodeMass(config, level) / slotsOf(config, level)) : 0;
}

/** The tree of summaries after N vectors, as boxes in time: which stand for the past now, and which they were made of. */
import { nodeCounts, liveNodes, nodeSpan, type ScheduleConfig } from '../../src/memory/schedule.ts';

export type TreeBox = {
  /** Level of the node; 0 is a vector. */ readonly level: number;
  /** Vectors, from the past's first. */ readonly start: number;
  readonly end: number;
  /** Read by queries now; all others live on in a box above them. */ readonly isLive: boolean;
};

export type Tree = {
  readonly vectorCount: number;
  /** Levels that have a node, the vectors' included. */ readonly levelCount: number;
  /** Vectors that are kept exactly. */ readonly windowCount: number;
  /** Summaries that are alive. */ readonly rootCount: number;
  readonly live: readonly TreeBox[];
};

export function treeAfter(config: ScheduleConfig, vectorCount: number): Tree {
  const spans = liveNodes(config, vectorCount);
  const live = spans.flatMap(({ start, end }, level) =>
    Array.from({ length: end - start }, (_, offset): TreeBox => {
      return { level, ...nodeSpan(config, level, start + offset), isLive: true };
    }),
  );
  const windowCount = spans[0] === undefined ? 0 : spans[0].end - spans[0].start;
  return { vectorCount, levelCount: spans.length, windowCount, rootCount: live.length - windowCount, live };
}

/**
 * The nodes of `level` that a live one above them was made of, newest first, for as long as `isWanted`: a picture has no
 * room for the oldest.
 */
export function mergedBoxes(
  config: ScheduleConfig,
  { vectorCount }: Tree,
  level: number,
  isWanted: (box: TreeBox) => boolean,
): TreeBox[] {
  const boxes: TreeBox[] = [];
  const firstLive = liveNodes(config, vectorCount)[level]?.start ?? nodeCounts(config, vectorCount)[level] ?? 0;
  for (let node = firstLive - 1; node >= 0; node--) {
    const box = { level, ...nodeSpan(config, level, node), isLive: false };
    if (!isWanted(box)) break;
    boxes.push(box);
  }
  return boxes;
}

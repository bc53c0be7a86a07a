import { describe, expect, test } from 'vitest';

import {
  endOfBlock,
  nodeCounts,
  fanInOf,
  liveNodes,
  nodeTokenCount,
  nodeSpan,
  type ScheduleConfig,
} from '../../src/memory/schedule.ts';

const LONGEST = 20_000;

const LAZY: ScheduleConfig[] = [2, 3, 4, 8, 16, 100].flatMap((fanIn) =>
  [
    { window: 32, leafFanIn: 16 },
    { window: 32, leafFanIn: 8 },
    { window: 1, leafFanIn: 1 },
    { window: 5, leafFanIn: 7 },
    { window: 100, leafFanIn: 100 },
  ].map((sizes) => ({ ...sizes, fanIn })),
);

const CONFIGS: ScheduleConfig[] = [...LAZY, ...LAZY.map((config) => ({ ...config, merging: 'eager' as const }))];

/** The rule itself, by counting: nothing but FIFOs of which the oldest merge when a level is full. */
function simulate(config: ScheduleConfig, visit: (count: number, live: number[], born: number[]) => void) {
  const live: number[] = [0]; // nodes standing on each level
  const born: number[] = [0]; // nodes that ever arrived
  for (let count = 1; count <= LONGEST; count++) {
    live[0] = (live[0] ?? 0) + 1;
    born[0] = count;
    for (let level = 0; ; level++) {
      const fanIn = fanInOf(config, level);
      const standing = live[level] ?? 0;
      const kept = level === 0 ? config.window : config.merging === 'eager' ? 0 : fanIn;
      if (standing < fanIn + kept) break;
      live[level] = standing - fanIn;
      live[level + 1] = (live[level + 1] ?? 0) + 1;
      born[level + 1] = (born[level + 1] ?? 0) + 1;
    }
    visit(count, live, born);
  }
}

describe.each(CONFIGS)('with w $window, c $leafFanIn, k $fanIn, $merging, at every N to 20,000', (config) => {
  test('the closed form agrees with the rule, counted out arrival by arrival', () => {
    let wrong = 0;
    simulate(config, (count, live, born) => {
      const spans = liveNodes(config, count);
      const agrees =
        spans.length === live.length &&
        spans.every(({ start, end }, level) => end === born[level] && end - start === live[level]) &&
        nodeCounts(config, count).every((arrived, level) => arrived === born[level]);
      if (!agrees) wrong++;
    });
    expect(wrong).toBe(0);
  });

  test('window and live nodes partition the past exactly', () => {
    let wrong = 0;
    for (let count = 1; count <= LONGEST; count++) {
      let next = 0; // oldest first: highest level first
      for (const [offset, { start, end }] of liveNodes(config, count).toReversed().entries()) {
        const level = nodeCounts(config, count).length - 1 - offset;
        const mayBeEmpty = level === 0 || (config.merging === 'eager' && offset > 0);
        if (end < start || (end === start && !mayBeEmpty)) wrong++;
        if (end === start) continue;
        if (nodeSpan(config, level, start).start !== next) wrong++;
        next = nodeSpan(config, level, end - 1).end;
      }
      if (next !== count) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test('live roots and path lengths stay within the bounds', () => {
    let wrong = 0;
    const { window, leafFanIn, fanIn } = config;
    const [fewest, most] = config.merging === 'eager' ? [0, fanIn - 1] : [fanIn, 2 * fanIn - 1];
    for (let count = 1; count <= LONGEST; count++) {
      const [vectors, ...roots] = liveNodes(config, count).map(({ start, end }) => end - start);
      const deepest = Math.max(0, Math.log(Math.max(1, count / leafFanIn)) / Math.log(fanIn)) + 2;
      const windowFits = vectors === count || ((vectors ?? 0) >= window && (vectors ?? 0) < window + leafFanIn);
      const rootsFit = roots.every((nodes) => nodes <= most) && (roots.at(-1) ?? 1) >= 1;
      const lowerFull = roots.slice(0, -1).every((nodes) => nodes >= fewest);
      if (!windowFits || !rootsFit || !lowerFull || roots.length + 1 > deepest + 1e-9) wrong++;
    }
    expect(wrong).toBe(0);
  });
});

test('c = 100 and k = 100 is the literal construction: two levels see 10,000 vectors', () => {
  const config = { window: 100, leafFanIn: 100, fanIn: 100 };
  expect(nodeTokenCount(config, 2)).toBe(10_000);
  expect(liveNodes(config, 20_100)).toEqual([
    { start: 20_000, end: 20_100 },
    { start: 100, end: 200 },
    { start: 0, end: 1 },
  ]);
  // Eagerly merged it is there as soon as 10,000 vectors have left the window.
  expect(liveNodes({ ...config, merging: 'eager' }, 10_099)).toHaveLength(2);
  expect(liveNodes({ ...config, merging: 'eager' }, 10_100)).toEqual([
    { start: 10_000, end: 10_100 },
    { start: 100, end: 100 },
    { start: 0, end: 1 },
  ]);
});

test('a block ends with the first N at which other nodes live, or a vector leaves the window', () => {
  const sizes = { window: 5, leafFanIn: 3, fanIn: 2 };
  for (const config of [sizes, { ...sizes, merging: 'eager' as const }, { ...sizes, beyond: 'forgotten' as const }]) {
    const seen = (count: number): unknown => {
      const [window, ...roots] = liveNodes(config, count);
      return [window?.start, roots];
    };
    for (let count = 1; count < 200; count++) {
      const end = endOfBlock(config, count);
      expect(end).toBeGreaterThan(count);
      for (let within = count; within < end; within++) expect(seen(within)).toEqual(seen(count));
      expect(seen(end)).not.toEqual(seen(count));
    }
  }
});

test('a million vectors leave few live roots', () => {
  const roots = liveNodes({ window: 32, leafFanIn: 16, fanIn: 4 }, 1_000_000).slice(1);
  expect(roots.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(44);
});

test('the schedule stays exact up to the largest safe integer', () => {
  const config = { window: 32, leafFanIn: 8, fanIn: 8 };
  const count = Number.MAX_SAFE_INTEGER;
  const spans = liveNodes(config, count);
  const masses = spans.map(({ start, end }, level) => BigInt(end - start) * BigInt(nodeTokenCount(config, level)));
  expect(masses.reduce((sum, mass) => sum + mass, 0n)).toBe(BigInt(count));
});

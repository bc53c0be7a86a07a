import { describe, expect, test } from 'vitest';

import { streamCells } from '../../bench/memory/cells.ts';
import { measureInfluence } from '../../bench/path/influence.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { liveNodes, nodeSpan } from '../../src/memory/schedule.ts';
import { randomVectors, restlessWeights } from '../memory/cpu-memory.ts';

const LENGTH = 200;
const DISTANCES = [1, 3, 6, 11, 24, 47, 90, 131, 199];
const SIZES = { depth: 4, heads: 2, slots: 2, tokenCountBias: true };

/** The level of the live node that holds vector `index` after `count` vectors. */
function levelOf(config: MemoryConfig, count: number, index: number): number {
  return liveNodes(config, count).findIndex(({ start, end }, level) => {
    const [first, last] = [nodeSpan(config, level, start).start, nodeSpan(config, level, end).start];
    return first <= index && index < last;
  });
}

describe('the influence of a vector, measured by changing it', () => {
  test.each<MemoryConfig>([
    { ...SIZES, window: 5, leafFanIn: 3, fanIn: 2 },
    { ...SIZES, window: 8, leafFanIn: 2, fanIn: 3 },
    { ...SIZES, window: 10, leafFanIn: 10, fanIn: 10 },
    { ...SIZES, window: 4, leafFanIn: 196, fanIn: 2 }, // merges when the last vector comes
  ])('w $window, c $leafFanIn, k $fanIn: passes a summary a level of its root, and the read', async (config) => {
    await using executor = createTfjsExecutor(streamCells(config), restlessWeights(config, 1));
    const data = randomVectors(2, 1, LENGTH, config.depth).data as Float32Array; // normal numbers
    const vectorsAt = (start: number, end: number): Float32Array =>
      data.slice(start * config.depth, end * config.depth);
    const options = { executor, config, vectorsAt, length: LENGTH, distances: DISTANCES };

    const measured = await measureInfluence(options);

    const modules = new Map(measured.map(({ distance, modules: count }) => [distance, count]));
    expect(modules).toEqual(
      new Map(DISTANCES.map((distance) => [distance, 1 + levelOf(config, LENGTH, LENGTH - 1 - distance)])),
    );
    for (const { changedEntries, outputChange } of measured) {
      expect(changedEntries).toBe(1);
      expect(outputChange).toBeGreaterThan(0);
    }
  });
});

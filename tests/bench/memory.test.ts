import { describe, expect, test } from 'vitest';

import { streamCells } from '../../bench/memory/cells.ts';
import { stepperOf } from '../../bench/memory/models.ts';
import { HIERARCHICAL, type ModelName } from '../../bench/memory/sizes.ts';
import { fitOfState, stateBytes } from '../../bench/memory/summary.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { restlessWeights } from '../memory/cpu-memory.ts';

/** Bytes of the count in a snapshot. */
const COUNT_BYTES = 8;

describe('the benchmark of what a memory costs', () => {
  test.each<[ModelName, number]>([
    ['hierarchical', 1_000],
    ['hierarchical', 10_000],
    ['window', 1_000],
    ['full', 1_000],
  ])('%s at %i vectors reads at every vector, one or several a call', async (model, n) => {
    await using executor = createTfjsExecutor(streamCells(HIERARCHICAL), restlessWeights(HIERARCHICAL, 1));
    const reads: (readonly number[])[] = [];
    const counting: Executor = {
      ...executor,
      run: (cell, inputs) => {
        if (cell === 'read') reads.push(inputs['queries']?.shape ?? []);
        return executor.run(cell, inputs);
      },
    };
    const { prepare } = stepperOf({ model, n, streams: 2, queries: [1, 3], graphs: '' }, counting);
    for (const queries of [1, 3]) {
      const step = prepare(queries);
      await step();
      await step();
    }
    const { depth } = HIERARCHICAL;
    expect(reads).toEqual([1, 1, 3, 3].map((queries) => [2, queries, depth]));
  });

  test('the line is fitted to the bytes that states have', async () => {
    await using executor = createTfjsExecutor([], {});
    for (const n of [1_000, 12_345, 1_000_000]) {
      const stepper = stepperOf({ model: 'hierarchical', n, streams: 1, queries: [], graphs: '' }, executor);
      expect(stepper.stateBytes - COUNT_BYTES).toBe(stateBytes(n));
    }
    const { bytes, bytesPerDoubling, r2 } = fitOfState([1_000, 1_000_000]);
    expect(Math.abs(bytes + bytesPerDoubling * Math.log2(30_000) - stateBytes(30_000))).toBeLessThan(
      0.25 * stateBytes(30_000),
    );
    expect(r2).toBeGreaterThan(0.5);
  });
});

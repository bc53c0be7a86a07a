import { describe, expect, test } from 'vitest';

import { advanceMemories } from '../../src/memory/streaming.ts';
import { attribute } from '../../src/memory/attribute.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { joinParts, pastEdges, pastRoots } from '../../src/memory/past-parts.ts';
import { PoolingLog } from '../../src/memory/pooling-log.ts';
import { PoolingParts } from '../../src/memory/past-parts.ts';
import type { EntryAlignment } from '../../src/memory/streaming.ts';
import { emptyMemory } from '../../src/memory/state.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from '../memory/cpu-memory.ts';

const CONFIG: MemoryConfig = { depth: 6, heads: 2, window: 3, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: true };
const LENGTH = 150;

/** A stream that both forms of the log have listened to, chunk by chunk. */
async function heard(): Promise<{ exact: PoolingLog; parts: PoolingParts; alignments: EntryAlignment[] }> {
  const arrays = restlessWeights(CONFIG, 51);
  const vectors = randomVectors(52, 1, LENGTH, CONFIG.depth);
  const executor = cpuExecutor(arrays, CONFIG);
  const weights = tensors(arrays);
  const exact = new PoolingLog();
  let parts = new PoolingParts(CONFIG);
  const both = {
    record: (level: number, index: number, pooling: Float32Array): void => {
      exact.record(level, index, pooling);
      parts.record(level, index, pooling);
    },
  };
  const alignments: EntryAlignment[] = [];
  let state = emptyMemory();
  for (const end of [1, 20, 21, 60, 110, LENGTH]) {
    const chunk = chunkOf(weights, CONFIG, vectors, 0, state.count, end);
    const [advanced] = await advanceMemories(executor, CONFIG, [{ state, chunk, log: both }]);
    for (const alignment of advanced?.alignments ?? []) {
      alignments.push(alignment);
      const shares = parts.attribute(alignment.count, alignment.weights);
      const fine = attribute(CONFIG, exact, alignment.count, alignment.weights);
      const vectorEdges = Array.from({ length: alignment.count + 1 }, (_, vector) => vector);
      expect(distance(shares, joinParts(fine, vectorEdges, pastEdges(CONFIG, alignment.count)))).toBeLessThan(1e-6);
    }
    state = advanced?.state ?? state;
    parts.forgetBefore(state.count);
    parts = new PoolingParts(CONFIG, parts.runs()); // as restored from a snapshot
  }
  await executor[Symbol.asyncDispose]();
  return { exact, parts, alignments };
}

describe('attribution in O(log N)', () => {
  test('is the exact one added up over parts of the past, at every time and after every restart', async () => {
    const { alignments } = await heard();
    expect(alignments).toHaveLength(LENGTH);
  });

  test('holds what is live and nothing else', async () => {
    const { parts } = await heard();
    const live = pastRoots(CONFIG, LENGTH).filter(({ level }) => level > 0);
    const held = parts.runs().reduce((sum, { nodes }) => sum + nodes.length, 0);
    expect(held).toBe(live.length);
    expect(() => parts.attribute(LENGTH - 20, new Float32Array(99))).toThrow(
      expect.objectContaining({ code: 'memory/pooling-log' }),
    );
  });
});

describe('the parts of the past', () => {
  test('partition it at every time, and later ones take in whole earlier ones', () => {
    const sizes = { ...CONFIG, window: 5, leafFanIn: 4, fanIn: 3 };
    for (let count = 1; count < 2_000; count++) {
      const edges = pastEdges(sizes, count);
      expect(edges[0]).toBe(0);
      expect(edges.at(-1)).toBe(count);
      expect(edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge))).toBe(true);
      const before = new Set(pastEdges(sizes, count - 1));
      expect(edges.slice(0, -1).every((edge) => before.has(edge))).toBe(true);
    }
  });

  test('joined, keep their sum', () => {
    const edges = pastEdges(CONFIG, 100);
    const shares = Float32Array.from(edges.slice(1), (_, part) => part + 1);
    const joined = joinParts(shares, edges, pastEdges(CONFIG, 130));
    expect(joined.reduce((sum, share) => sum + share, 0)).toBeCloseTo(
      shares.reduce((sum, share) => sum + share, 0),
      3,
    );
  });
});

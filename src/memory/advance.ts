/**
 * The streaming form: vectors go in, merges happen as vectors leave the window, and every vector's read comes out, for
 * many streams at once. All leaf merges of all streams run as one call, then those of each higher level, then the reads.
 * Which nodes arise, and which of them a query sees, is the closed form of `schedule.ts`; so a chunk may hold any number
 * of vectors. Equals `naive.ts` at every prefix and for any chunking (`tests/memory/advance.test.ts`).
 */
import type { Executor } from '../runtime/executor.ts';
import type { MemoryConfig } from './config.ts';
import { beginGrowth, type Growth, memoryAt } from './growth.ts';
import { mergeDueNodes } from './merge-nodes.ts';
import type { PoolingRecorder } from './pooling-log.ts';
import { type MemoryRead, readVectors } from './read-vectors.ts';
import type { MemoryRows, MemoryState } from './state.ts';

export type MemoryRequest = {
  readonly state: MemoryState;
  /** The stream's next vectors, `[n, D]`, with their keys and values as cell `encode` gives them; n may be 0. */
  readonly chunk: MemoryRows;
  /** Keeps the pooling weights of every merge, and asks for the alignments of the reads: what attribution needs. */
  readonly log?: PoolingRecorder | undefined;
};

export type MemoryAdvance = MemoryRead & {
  /** The memory after the chunk. */ readonly state: MemoryState;
  /** What the memory at any vector of the chunk is made of; see `memoryAt`. */ readonly growth: Growth;
};

/**
 * Feeds each request's chunk to its memory and reads at every vector of it; result i belongs to request i. The given
 * states stay as they are, so that a failed call may be made again. `signal` is looked at before each cell runs.
 * Throws `memory/chunk` where a chunk's arrays are not whole rows of depth D, equally many.
 */
export async function advanceMemories(
  executor: Executor,
  config: MemoryConfig,
  requests: readonly MemoryRequest[],
  signal?: AbortSignal,
): Promise<MemoryAdvance[]> {
  const growths = requests.map(({ state, chunk, log }) => beginGrowth(config, state, chunk, log));
  await mergeDueNodes(executor, config, growths, signal);
  const reads = await readVectors(executor, config, growths, signal);
  return reads.map((read, stream) => {
    const growth = growths[stream] as Growth; // one for each
    return { ...read, growth, state: memoryAt(config, growth, growth.after) };
  });
}

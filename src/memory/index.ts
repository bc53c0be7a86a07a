/**
 * `hearken/memory`: the hierarchical memory, which keeps the whole past in O(log N) entries; in its definition, over whole
 * sequences for training, and a chunk at a time for streams.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { Random, tensorsOf } from 'hearken/attention';
 * import { entriesAt, initMemory, liveNodes, type MemoryConfig, readNaively, readParallel } from 'hearken/memory';
 *
 * const sizes = { depth: 4, heads: 2, window: 3, leafFanIn: 2, fanIn: 2, slots: 2 };
 * const config: MemoryConfig = { ...sizes, tokenCountBias: true };
 * const weights = tensorsOf(initMemory(config, Random.seeded(1)));
 * const vectors = tf.randomNormal<tf.Rank.R3>([1, 40, 4]);
 *
 * const { outputs, levels } = readParallel(weights, config, vectors); // what each vector reads in those up to itself
 * const gap = tf.max(tf.abs(tf.sub(outputs, readNaively(weights, config, vectors))));
 * console.log(outputs.shape, (await gap.data())[0] < 1e-5);
 * // => [ 1, 40, 4 ] true
 *
 * const { entries, bias } = entriesAt(config, levels, [40]); // for any mechanism: its values and its bias
 * console.log(entries.shape, bias.shape, liveNodes(config, 40).map(({ start, end }) => end - start));
 * // => [ 1, 18, 4 ] [ 1, 18 ] [ 4, 2, 2, 3 ]
 * ```
 */
export type { Executor } from '../cell/executor.ts';
export { createTfjsExecutor } from '../cell/tfjs-executor.ts';
export type { ColdMark, ColdStore, ColdStores, LeafSizes } from '../cold/cold-types.ts';
export { createColdStores } from '../cold/cold-stores.ts';
export { attribute } from './attribute.ts';
export { carryAhead, carryAlignment, type Growth } from './carry-over.ts';
export { memoryCells, initMemory } from './cells.ts';
export type { MemoryConfig } from './config.ts';
export { readNaively } from './naive.ts';
export { buildLevels, entriesAt, readParallel } from './parallel.ts';
export { joinParts, pastEdges, pastRoots, PoolingParts } from './past-parts.ts';
export { PoolingLog, type PoolingRecorder } from './pooling-log.ts';
export { projectEntries, type ProjectedEntries, read, type ReadInputs, type ReadOutputs } from './read.ts';
export { liveNodes, nodeCounts, nodeSpan, nodeTokenCount, type ScheduleConfig, type Span } from './schedule.ts';
export { type ColdSource, memoryArrays, memoryFromArrays } from './snapshot.ts';
export {
  emptyMemory,
  type Entry,
  heldEntries,
  liveEntries,
  type MemoryRows,
  type MemoryState,
  type SeenMemoryConfig,
} from './state.ts';
export { advanceMemories, type EntryAlignment, type MemoryAdvance } from './streaming.ts';
export { summarize, type SummarizeInputs, type SummarizeOutputs } from './summarize.ts';

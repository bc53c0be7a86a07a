import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { assertMemoryConfig, type MemoryConfig } from './config.ts';
import { initRead } from './read.ts';
import { initSummarise } from './summarise.ts';

/** First weights of a memory by checkpoint name, `memory.summarise.*` and `memory.read.*`. */
export function initMemory(config: MemoryConfig, random: Random): Record<string, HostArray> {
  assertMemoryConfig(config);
  return { ...initSummarise(config, random), ...initRead(config, random) };
}

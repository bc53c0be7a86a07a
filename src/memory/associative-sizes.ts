/** Sizes of the associative channel, which streams go by: without a tensor library. */
import type { MemoryConfig } from './config.ts';

export type AssociativeConfig = {
  /** D */ readonly depth: number;
  /** C: numbers of a key before the features. */ readonly keyDepth: number;
  /** V */ readonly valueDepth: number;
};

/** The channel of a memory; its values are as deep as vectors. Undefined where the memory has none. */
export function channelOf({ depth, associative }: MemoryConfig): AssociativeConfig | undefined {
  return associative === undefined ? undefined : { depth, keyDepth: associative.keyDepth, valueDepth: depth };
}

/** F: features of a key. */
export function featureCount({ keyDepth }: Pick<AssociativeConfig, 'keyDepth'>): number {
  return (keyDepth * (keyDepth + 1)) / 2;
}

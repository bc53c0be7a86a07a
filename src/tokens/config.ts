import type { MemoryConfig } from '../memory/config.ts';

/** What a model of token sequences is made of. */
export type RecallConfig = {
  readonly memory: MemoryConfig;
  /** A: tokens 0 to A - 1 may come. */ readonly alphabetSize: number;
  /** L: the answer is one of labels 0 to L - 1. */ readonly labelCount: number;
};

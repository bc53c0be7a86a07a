import type { MemoryConfig } from '../memory/config.ts';

/** Configuration of a model of token sequences. */
export type RecallConfig = {
  readonly memory: MemoryConfig;
  /** A: the number of tokens; ids 0 to A - 1 may come. */ readonly alphabetSize: number;
  /** L: the number of labels; the answer is one of labels 0 to L - 1. */ readonly labelCount: number;
};

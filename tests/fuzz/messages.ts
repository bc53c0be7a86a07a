/** What the fuzzer and the process that runs its cases say to each other. */
export type FuzzRequest = {
  readonly target: string;
  /** 0 to 2^32 - 1: the same gives the same cases. */ readonly seed: number;
  /** Ends the run after so many cases, or after so much time. */ readonly cases?: number | undefined;
  readonly ms?: number | undefined;
  /** Instead of mutated seeds, one input, in base64. */ readonly input?: string | undefined;
};

export type FuzzReport =
  | { readonly type: 'progress' }
  | { readonly type: 'failure'; readonly what: string; readonly input: string }
  | { readonly type: 'done'; readonly cases: number };

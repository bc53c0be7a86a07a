export type PrecedingUtterance = {
  readonly labels: readonly string[];
  /** Sample at which the utterance after it begins: of the time before, the decoder sees nothing. */ readonly end: number;
};

/** A recording with its truth, as synthesised or read from a manifest. */
export type AudioExample = {
  /** Mono, at the model's sample rate, within -1..1. */ readonly samples: Float32Array;
  /** Vocabulary labels in the order in which they are said: those of the utterance that the decoder writes. */
  readonly labels: readonly string[];
  /** What was said in the same stream before that utterance, if anything: CTC learns it too, the decoder does not. */
  readonly preceding?: PrecedingUtterance;
  /** Vocal tract warp: the mel bands' edges in Hz are multiplied by it; 1 leaves them. */ readonly warp: number;
};

/** A recording with its truth, as synthesised or read from a manifest. */
export type AudioExample = {
  /** Mono, at the model's sample rate, within -1..1. */ readonly samples: Float32Array;
  /** Vocabulary labels in the order in which they are said. */ readonly labels: readonly string[];
  /** Vocal tract warp: the mel bands' edges in Hz are multiplied by it; 1 leaves them. */ readonly warp: number;
};

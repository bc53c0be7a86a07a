/** Sizes of an encoder: `frameStack` log-mel frames make one vector of depth `units`. */
export type EncoderConfig = {
  /** Number of log-mel frames stacked into one vector, 1 to 16. */ readonly frameStack: number;
  /** Depth of an encoded vector. */ readonly units: number;
  /** Number of recurrent or convolutional layers. */ readonly layers: number;
} & (
  | { readonly kind: 'lstm' }
  | {
      readonly kind: 'convolution';
      /** Number of consecutive vectors that a layer sees. */
      readonly kernel: number;
    }
);

/** Which encoder a model has. A vector has depth `units`; where there is none, that of the embeddings. */
export type EncoderConfig = SingleEncoderConfig | StackedEncoderConfig;

/** An encoder on the vectors of another; both causal. A vector has the depth of the upper one. */
export type StackedEncoderConfig = {
  readonly kind: 'stacked';
  /** Takes in what the model is given. */ readonly below: StackableEncoderConfig;
  /** Takes in the lower one's vectors. */ readonly above: StackableEncoderConfig;
};

/** An encoder of sequences that makes vectors of a depth of its own, and adds nothing to the loss. */
export type StackableEncoderConfig = Exclude<SingleEncoderConfig, { readonly kind: 'none' | 'surprise' | 'grid' }>;

/** An encoder that stands alone. */
export type SingleEncoderConfig =
  | {
      /** Vectors are the embeddings of the tokens. */ readonly kind: 'none';
    }
  | {
      /** A residual network of each token and the one before. */ readonly kind: 'pair';
      readonly units: number;
    }
  | {
      readonly kind: 'lstm' | 'gru';
      /** Depth of an encoded vector; half of it each way where the direction is `both`. */ readonly units: number;
      readonly layers: number;
      /**
       * `causal` (default): layers with normalization above a projection of each input and the one before it. `both`: plain layers from
       * the first input to the last and back, which cannot stream.
       */
      readonly direction?: EncoderDirection | undefined;
    }
  | {
      /** Plain recurrent layers, as those of `gru` but for gates; causal. */ readonly kind: 'rnn';
      readonly units: number;
      readonly layers: number;
    }
  | (DeltaLayerConfig & {
      /** Layers of linear attention by the gated delta rule, in the place of those of `gru`; causal. */ readonly kind: 'delta';
      readonly layers: number;
    })
  | {
      readonly kind: 'convolution';
      readonly units: number;
      readonly layers: number;
      /** Number of consecutive vectors that a layer sees. */ readonly kernel: number;
    }
  | {
      /** Gated residual blocks of dilated causal convolutions. */ readonly kind: 'dilated';
      readonly units: number;
      /** Number of vectors that a block sees, `dilation` apart. */ readonly kernel: number;
      /** Dilation of each block, for example 1, 2, 4, 8. */ readonly dilations: readonly number[];
    }
  | {
      /** Pairs that read a cache of the `kept` vectors which a prediction explained worst; causal. */ readonly kind: 'surprise';
      readonly units: number;
      readonly heads: number;
      /** M */ readonly kept: number;
    }
  | {
      /** Convolutions that make a grid of parts of an image. */ readonly kind: 'grid';
      readonly units: number;
      /** Of the source. */ readonly image: ImageSize;
      /** Side of each kernel in pixels, odd. */ readonly kernel: number;
      /** Channels that each layer makes, of every `stride`-th pixel. */
      readonly layers: readonly { readonly channels: number; readonly stride: number }[];
    }
  | {
      readonly kind: 'self-attention';
      readonly units: number;
      readonly layers: number;
      readonly heads: number;
      readonly direction?: EncoderDirection | undefined;
      /** The newest vectors that a causal one sees, itself included; what streaming keeps. Causal ones must have it. */
      readonly window?: number | undefined;
    };

/** Pixels down and across, and numbers of each. */
export type ImageSize = { readonly height: number; readonly width: number; readonly channels: number };

export type EncoderDirection = 'causal' | 'both';

/** Whether a vector never changes once it is made, so that the encoder can stream. */
export function isCausal(config: EncoderConfig): boolean {
  if (config.kind === 'stacked') return isCausal(config.below) && isCausal(config.above);
  if (config.kind === 'grid') return false;
  return !('direction' in config) || (config.direction ?? 'causal') === 'causal';
}

/** D: depth of an encoded vector; `embedding` is that of what goes in. */
export function encoderDepth(config: EncoderConfig, embedding: number): number {
  if (config.kind === 'stacked') return config.above.units;
  return config.kind === 'none' ? embedding : config.units;
}

/** Sizes of a layer of linear attention by the gated delta rule. */
export type DeltaLayerConfig = {
  readonly units: number;
  /** H, a divisor of `units`. */ readonly heads: number;
  /** C, of each head. */ readonly keyDepth: number;
};

import type { LogMelConfig } from '../audio/log-mel.ts';
import type { ImageSize } from '../encoder/config.ts';
import { type Symbols, symbolCount } from '../text/symbols.ts';

export type FeaturesConfig = LogMelConfig & {
  /** Normalization of each band by its causal running mean. */
  readonly normalization: {
    /** Time constant of the running mean, in seconds. */ readonly timeConstantSeconds: number;
    /** Divisor of the deviations from the running mean. */ readonly scale: number;
  };
};

/** Log-mel frames, `frameStack` of which make the input of one vector. */
export type AudioSource = { readonly kind: 'audio'; readonly features: FeaturesConfig; readonly frameStack: number };

/** Ids of symbols, embedded. Where a sequence ends is told by its length, never by an id. */
export type TokenSource = {
  readonly kind: 'tokens';
  readonly symbols: Symbols;
  /** Depth of a token's embedding. */ readonly embedding: number;
};

/** Numbers as they are, `width` of them at each time: measurements, or the pixels of an image one after the other. */
export type NumberSource = { readonly kind: 'numbers'; readonly width: number };

/** An image: a sequence of `height` rows of `width` pixels, each of `channels` numbers in 0..1. */
export type ImageSource = { readonly kind: 'image' } & ImageSize;

/** What comes into a model. */
export type SourceConfig = AudioSource | TokenSource | NumberSource | ImageSource;

/** Depth of what the encoder is given for one vector: stacked frames, flattened, an embedding, numbers, or a row of pixels. */
export function sourceDepth(source: SourceConfig): number {
  switch (source.kind) {
    case 'audio':
      return source.features.bandCount * source.frameStack;
    case 'tokens':
      return source.embedding;
    case 'numbers':
      return source.width;
    case 'image':
      return source.width * source.channels;
    default:
      return source satisfies never;
  }
}

/** A: the number of token ids. */
export function alphabetSize({ symbols }: TokenSource): number {
  return symbolCount(symbols);
}

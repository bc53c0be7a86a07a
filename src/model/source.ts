import type { LogMelConfig } from '../audio/log-mel.ts';
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

/** What comes into a model. */
export type SourceConfig = AudioSource | TokenSource;

/** Depth of what the encoder is given for one vector: stacked frames, flattened, or an embedding. */
export function sourceDepth(source: SourceConfig): number {
  return source.kind === 'audio' ? source.features.bandCount * source.frameStack : source.embedding;
}

/** A: the number of token ids. */
export function alphabetSize({ symbols }: TokenSource): number {
  return symbolCount(symbols);
}

/** Streams of tokens through a memory: what a token model, trained on short sequences, answers at any moment of a long one. */
import { aSignal, assertChunks, assertOptions, wrongType } from '../arguments.ts';
import { abortable } from './abortable.ts';
import { advanceTokens, startTokens, type TokenEncoding, type TokenEngine } from './token-stream.ts';

/** Ids of tokens, in chunks of any size. */
export type TokenChunks = AsyncIterable<Int32Array> | Iterable<Int32Array>;

/** A loaded token model; any number of streams may use it at once. Dispose of it when they are done. */
export type TokenModel = AsyncDisposable & {
  /** Tokens 0 to this less 1 may come. */ readonly alphabetSize: number;
  readonly labelCount: number;
  /** Throws `token/unknown` on an id that the model does not have, or the reason of `signal`. */
  encode(
    chunks: TokenChunks,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<TokenEncoding, void, undefined>;
};

/** The most tokens that are computed at once: bounds memory, and how long an abort takes. */
const LONGEST_PIECE = 1_024;

/** A token model over `engine`, whose executor it then owns. */
export function createTokenModel(engine: TokenEngine): TokenModel {
  const { alphabetSize, labelCount } = engine.config;
  return {
    alphabetSize,
    labelCount,
    encode: (chunks, options = {}) => {
      assertChunks('tokens', chunks);
      assertOptions('encode', options, { signal: aSignal });
      return encodeStream(engine, chunks, options.signal);
    },
    [Symbol.asyncDispose]: () => engine.executor[Symbol.asyncDispose](),
  };
}

async function* encodeStream(
  engine: TokenEngine,
  chunks: TokenChunks,
  signal?: AbortSignal,
): AsyncGenerator<TokenEncoding, void, undefined> {
  let state = await startTokens(engine);
  for await (const chunk of abortable(chunks, signal)) {
    if (!(chunk instanceof Int32Array)) throw wrongType('every chunk', 'ids of tokens (Int32Array)', chunk);
    for (let start = 0; start < chunk.length; start += LONGEST_PIECE) {
      signal?.throwIfAborted();
      const [outcome] = await advanceTokens(engine, [state], [chunk.subarray(start, start + LONGEST_PIECE)], signal);
      if (outcome === undefined) continue; // there is one for each stream
      if ('error' in outcome) throw outcome.error;
      ({ state } = outcome);
      yield outcome.encoding;
    }
  }
}

/** Streams of tokens through a memory: what a token model, trained on short sequences, answers at any moment of a long one. */
import { HearkenError } from '../errors.ts';
import { advanceMemories } from '../memory/advance.ts';
import { emptyMemory } from '../memory/state.ts';
import type { RecallConfig } from '../model/recall-model.ts';
import { abortable } from './abortable.ts';
import type { Executor } from './executor.ts';
import { arrayNamed, floatsNamed } from './rows.ts';
import { zeroStates } from './zero-states.ts';

/** Ids of tokens, in chunks of any size. */
export type TokenChunks = AsyncIterable<Int32Array> | Iterable<Int32Array>;

/** What a token model made of a piece of a stream. */
export type TokenEncoding = {
  /** Number of its first token in the stream. */ readonly first: number;
  /** `[n, D]`: the tokens' vectors, which the memory keeps. */ readonly vectors: Float32Array;
  /** `[n, D]`: what each of them read in the memory of the whole past. */ readonly contexts: Float32Array;
  /** `[n, labels]`: the answer, were the stream to end with that token. */ readonly logProbabilities: Float32Array;
};

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

/** A token model of an executor of `recallCells`, which it then owns. */
export function createTokenModel(config: RecallConfig, executor: Executor): TokenModel {
  const { alphabetSize, labelCount } = config;
  return {
    alphabetSize,
    labelCount,
    encode: (chunks, { signal } = {}) => encodeStream(config, executor, chunks, signal),
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

async function* encodeStream(
  config: RecallConfig,
  executor: Executor,
  chunks: TokenChunks,
  signal?: AbortSignal,
): AsyncGenerator<TokenEncoding, void, undefined> {
  let before = arrayNamed(zeroStates(await executor.inputs('encodeTokens'), { B: 1 }), 'state.before');
  let memory = emptyMemory();
  for await (const chunk of abortable(chunks, signal)) {
    for (let start = 0; start < chunk.length; start += LONGEST_PIECE) {
      const data = chunk.subarray(start, start + LONGEST_PIECE);
      assertTokens(config, data, memory.count);
      signal?.throwIfAborted();
      const tokens = { shape: [1, data.length], data };
      const encoded = await executor.run('encodeTokens', { tokens, 'state.before': before });
      const named = (name: string): Float32Array => floatsNamed(encoded, name);
      const rows = { vectors: named('vectors'), keys: named('keys'), values: named('values') };
      const first = memory.count;
      const [advanced] = await advanceMemories(executor, config.memory, [{ state: memory, chunk: rows }], signal);
      if (advanced === undefined) continue; // there is one for each request
      before = arrayNamed(encoded, 'state.before');
      memory = advanced.state;
      yield {
        first,
        vectors: rows.vectors,
        contexts: floatsNamed(advanced.outputs, 'outputs'),
        logProbabilities: floatsNamed(advanced.outputs, 'logProbabilities'),
      };
    }
  }
}

function assertTokens({ alphabetSize }: RecallConfig, tokens: Int32Array, first: number): void {
  const wrong = tokens.findIndex((token) => token < 0 || token >= alphabetSize);
  if (wrong < 0) return;
  const expected = `Expected tokens in 0..${alphabetSize - 1}`;
  throw new HearkenError('token/unknown', `${expected}, got ${tokens[wrong]} as token ${first + wrong} of the stream`);
}

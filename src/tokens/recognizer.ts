/** Streams of tokens over one engine, advanced in batches. Answers come in blocks, which do not depend on how the tokens came. */
import { wrongType } from '../arguments.ts';
import {
  type BatchedRecognizer,
  type BatchingOptions,
  createBatchedRecognizer,
  type Outcome,
  type StreamCursor,
  type StreamKind,
} from '../recognizer/batched-recognizer.ts';
import type { StreamSnapshot } from '../recognizer/recognizer.ts';
import { MAXIMUM_QUEUED_TOKENS } from '../recognizer/stream-line.ts';
import {
  advanceTokens,
  restoreTokens,
  snapshotTokens,
  startTokens,
  type TokenEncoding,
  type TokenEngine,
  type TokenState,
} from './stream.ts';

/** The most answers in one event. */
const BLOCK = 64;

/** What a token model answers to consecutive tokens. */
export type AnswersEvent = {
  readonly type: 'answers';
  /** Number, from 0, of the token that the first answer is to. */ readonly firstToken: number;
  /** The likeliest label after each token, were the stream to end there. */ readonly labels: readonly number[];
  /** Probability of each of the labels, 0 to 1. */ readonly probabilities: readonly number[];
};

export type OpenTokensOptions = {
  /** Snapshot of a stream of this model; the new stream goes on from there. */ readonly from?:
    | StreamSnapshot
    | undefined;
  /**
   * Whether the new stream goes on without the leaves of the one that the snapshot is of, with an empty cold store; default false, and then leaves
   * that are not here are an error.
   */
  readonly withoutLeaves?: boolean | undefined;
  /**
   * Is told how many leaves that were written after the snapshot are let go of, if any: what a killed program wrote last, or what a newer
   * snapshot of the stream names, which cannot be gone on with then.
   */
  readonly onLeavesDropped?: ((count: number) => void) | undefined;
};

export type TokenRecognizer = BatchedRecognizer<OpenTokensOptions, Int32Array, AnswersEvent>;

export type TokenRecognizerOptions = BatchingOptions & {
  /** The most tokens of one stream in a batch: bounds how long it delays the others. */ readonly longestPiece: number;
  /** Whether a stream has room while something of it waits; otherwise each chunk waits for the one before. */
  readonly readsAhead: boolean;
};

/** Tokens to take in, and whether the answers so far are wanted now. */
type TokenChunk = { readonly tokens: Int32Array; readonly isFlush: boolean };

type TokenOutput = TokenEncoding | undefined;
type TokenCursor = StreamCursor<Int32Array, TokenChunk, TokenState, TokenOutput, AnswersEvent>;
type TokenKind = StreamKind<OpenTokensOptions, Int32Array, TokenChunk, TokenState, TokenOutput, AnswersEvent>;

/** Makes a recognizer of token streams. Throws `option/out-of-range`; its streams throw `snapshot/...`. */
export function createTokenRecognizer(engine: TokenEngine, options: TokenRecognizerOptions): TokenRecognizer {
  return createBatchedRecognizer(tokenKind(engine, options), options);
}

function tokenKind(engine: TokenEngine, options: TokenRecognizerOptions): TokenKind {
  return {
    open: (begin) => openCursor(engine, begin, options),
    emptySamples: (length) => new Int32Array(length),
    assertSamples: assertTokenArray,
    advance: async (states, chunks, signal) => {
      const tokens = chunks.map((chunk) => chunk.tokens);
      const isAdvancing = tokens.map(({ length }) => length > 0); // a flush may come alone
      const only = <T>(all: readonly T[]): T[] => all.filter((_, index) => isAdvancing[index]);
      const advanced = (await advanceTokens(engine, only(states), only(tokens), signal)).values();
      return states.map((state, index): Outcome<TokenState, TokenOutput> => {
        const outcome = isAdvancing[index] ? advanced.next().value : undefined;
        if (outcome === undefined) return { state, output: undefined };
        return 'error' in outcome ? outcome : { state: outcome.state, output: outcome.encoding };
      });
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: () => 0,
  };
}

/** Throws `option/type` unless `chunk` is an `Int32Array`. */
export function assertTokenArray(chunk: Int32Array): void {
  if (!(chunk instanceof Int32Array)) throw wrongType('every chunk', 'ids of tokens (Int32Array)', chunk);
}

/** Answers that do not fill a block yet. */
type Pending = { readonly labels: readonly number[]; readonly probabilities: readonly number[] };

/** Opens a stream at its beginning or from a snapshot. Throws `snapshot/...` and `leaves/...`. */
function openCursor(
  engine: TokenEngine,
  { from, withoutLeaves, onLeavesDropped }: OpenTokensOptions,
  { longestPiece, readsAhead }: TokenRecognizerOptions,
): TokenCursor {
  const restored = from && restoreTokens(engine, from.state, { withoutLeaves, onLeavesDropped });
  let state = restored?.state ?? startTokens(engine);
  let pending: Pending = restored === undefined ? { labels: [], probabilities: [] } : parsePending(restored.notes);
  let isFlush = false;
  /** Takes whole blocks of the pending answers, and with a flush the rest. */
  const blocks = (): AnswersEvent[] => {
    const events: AnswersEvent[] = [];
    const least = isFlush ? 1 : BLOCK;
    while (pending.labels.length >= least) {
      const { labels, probabilities } = pending;
      const firstToken = state.memory.count - labels.length;
      const [block, rest] = [labels.slice(0, BLOCK), labels.slice(BLOCK)];
      events.push({ type: 'answers', firstToken, labels: block, probabilities: probabilities.slice(0, BLOCK) });
      pending = { labels: rest, probabilities: probabilities.slice(BLOCK) };
    }
    return events;
  };
  return {
    longestPiece,
    line: { capacity: MAXIMUM_QUEUED_TOKENS, ...(readsAhead ? {} : { roomBelow: 1 }) },
    state: () => state,
    end: (keepsLeaves, isFailure) => {
      const kept = keepsLeaves ?? (from !== undefined || isFailure ? 'named' : false);
      state.memory.cold?.store.close({ kept });
    },
    next: (tokens, isLast) => {
      isFlush = isLast;
      return { tokens, isFlush };
    },
    advanceTo: (next, encoding) => {
      state = next;
      if (encoding !== undefined) pending = joined(pending, answersOf(engine, encoding));
      return blocks();
    },
    snapshot: () => {
      const { cold } = state.memory;
      cold?.store.name(cold);
      return {
        state: snapshotTokens(engine, state, JSON.stringify(pending)),
        resamplerTail: new Float32Array(0), // tokens have no rate
        resamplerPhase: 0,
        samplesHeard: pending.labels.length,
        samplesBefore: state.memory.count - pending.labels.length,
      };
    },
  };
}

/** For each token the likeliest label, and its probability. */
function answersOf({ config: { labelCount } }: TokenEngine, { logProbabilities }: TokenEncoding): Pending {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let at = 0; at < logProbabilities.length; at += labelCount) {
    const row = logProbabilities.subarray(at, at + labelCount);
    const best = row.reduce((likeliest, value, label) => (value > row[likeliest]! ? label : likeliest), 0);
    labels.push(best);
    probabilities.push(Math.min(1, Math.exp(row[best]!)));
  }
  return { labels, probabilities };
}

function joined(a: Pending, b: Pending): Pending {
  return { labels: [...a.labels, ...b.labels], probabilities: [...a.probabilities, ...b.probabilities] };
}

function parsePending(notes: string): Pending {
  return JSON.parse(notes) as Pending; // as `snapshot` wrote it; the snapshot's checksum held
}

/** One stream of tokens inside the engine's thread. Its answers come in blocks, which do not depend on how the tokens came. */
import { restoreTokens, snapshotTokens } from '../../src/tokens/stream.ts';
import type { TokenEncoding, TokenEngine, TokenState } from '../../src/tokens/stream.ts';
import { createRequestQueue } from './request-queue.ts';
import type { AnswersEvent, OpenTokens, StreamSnapshot } from './protocol.ts';
import type { Piece, StreamWork } from './streams.ts';

/** Tokens of a stream in one batch at most: bounds how long a fast client delays the others. */
const LONGEST_PIECE = 512;
/** Answers in one event at most. */
const BLOCK = 64;

/** Tokens to take in, and whether the answers so far are wanted now. */
export type TokenChunk = { readonly tokens: Int32Array; readonly isFlush: boolean };

type Pending = { readonly labels: readonly number[]; readonly probabilities: readonly number[] };

/** Begins with `start`, or where `open` says another stream stood. Throws `snapshot/...`. */
export function openTokenWork(
  engine: TokenEngine,
  start: TokenState,
  { from }: OpenTokens,
): StreamWork<TokenChunk, TokenState, TokenEncoding | undefined> {
  const queue = createRequestQueue(LONGEST_PIECE, (length) => new Int32Array(length));
  const restored = from && restoreTokens(engine, from.state);
  let state = restored?.state ?? start;
  let pending: Pending = restored === undefined ? { labels: [], probabilities: [] } : parsePending(restored.notes);
  let carried: readonly AnswersEvent[] = []; // of a request that takes several pieces

  const snapshot = (): StreamSnapshot => ({
    state: snapshotTokens(engine, state, JSON.stringify(pending)),
    resamplerTail: new Float32Array(0), // tokens have no rate
    resamplerPhase: 0,
    samplesHeard: pending.labels.length,
    samplesBefore: state.memory.count - pending.labels.length,
  });
  /** Whole blocks of what is pending, and with `isFlush` the rest. */
  const blocks = (isFlush: boolean): AnswersEvent[] => {
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
    state: () => state,
    ask: queue.put,
    isReady: () => !queue.isEmpty(),
    abandon: (piece) => [...(piece?.completes ?? []), ...queue.clear()],
    takePiece: (): Piece<TokenChunk> => {
      const { samples, isLast, completes, snapshots: requested } = queue.take();
      const snapshots = requested.map((request) => ({ request, snapshot: snapshot() }));
      return { chunk: { tokens: samples, isFlush: isLast }, sampleCount: samples.length, completes, snapshots };
    },
    advanceTo: (next, encoding, { chunk: { isFlush }, completes }) => {
      state = next;
      if (encoding !== undefined) pending = joined(pending, answersOf(engine, encoding));
      const all = [...carried, ...blocks(isFlush)];
      carried = completes.length === 0 ? all : [];
      return completes.map((request, index) => ({ request, events: index === completes.length - 1 ? all : [] }));
    },
  };
}

/** For each token the likeliest label, and how likely it is. */
function answersOf({ config: { labelCount } }: TokenEngine, { logProbabilities }: TokenEncoding): Pending {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let at = 0; at < logProbabilities.length; at += labelCount) {
    const row = logProbabilities.subarray(at, at + labelCount);
    const best = row.reduce((likeliest, value, label) => (value > (row[likeliest] ?? 0) ? label : likeliest), 0);
    labels.push(best);
    probabilities.push(Math.min(1, Math.exp(row[best] ?? 0)));
  }
  return { labels, probabilities };
}

function joined(a: Pending, b: Pending): Pending {
  return { labels: [...a.labels, ...b.labels], probabilities: [...a.probabilities, ...b.probabilities] };
}

function parsePending(notes: string): Pending {
  return JSON.parse(notes) as Pending; // as `snapshot` wrote it; the snapshot's checksum held
}

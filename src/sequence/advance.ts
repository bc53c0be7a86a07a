/**
 * Streams of symbols, advanced together: each takes in symbols of its own; what can be written of it is written. Where attention stops at
 * entries, and where CTC writes, an output comes as soon as it is known; other outputs come when the stream is flushed.
 */
import { type DecodedRow, type DecoderRequest, decoderSteps, prepareDecoder } from '../decoder/decoder-batch.ts';
import { decodeSequences } from '../decoder/decode-sequences.ts';
import { inLockstep } from '../decoder/lockstep.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { Outcome } from '../recognizer/batched-recognizer.ts';
import { concludeAll, type SequenceAnswer } from './conclude.ts';
import type { SequenceEngine } from './engine.ts';
import { idsOf, longestOutput } from './ids.ts';
import { encodedRows, type Ended, endedOf, rememberAll, rememberChunks } from './remembered.ts';
import { bestOf, spellOn } from './spell.ts';
import { type SequenceState, startSequence, type Written, writesOnline } from './stream.ts';

/** Symbols to take in, and whether the sequence ends with them. */
export type SequenceChunk = { readonly ids: Int32Array; readonly isLast: boolean };

/** An output symbol. */
export type WrittenSymbol = {
  /** Id of the symbol. */ readonly token: number;
  /** Number, from 0, of the input symbol at which attention stopped; absent where it does not stop, or stopped nowhere. */
  readonly position?: number;
};

/** What a chunk brought; the state after a flush is that of a new sequence. */
export type SequenceOutput = {
  readonly symbols: readonly WrittenSymbol[];
  /** What is said of the whole, at its end. */ readonly answer?: SequenceAnswer | undefined;
};

type Advanced = Outcome<SequenceState, SequenceOutput>;

/** A stream with more symbols, and what CTC wrote about them. */
type Taken = { readonly state: SequenceState; readonly symbols: readonly WrittenSymbol[] };

/** State, chunk and outcome i belong together. Rejects where the executor fails for all, or with the reason of `signal`. */
export async function advanceSequences(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  chunks: readonly SequenceChunk[],
  signal?: AbortSignal,
): Promise<Advanced[]> {
  const taken: Taken[] = [];
  const failed = new Map<number, unknown>();
  for (const [index, state] of states.entries()) {
    try {
      const { ids } = chunks[index]!; // one for each
      const isIdle = ids.length === 0;
      taken.push(
        isIdle ? { state, symbols: [] } : await takeIn(engine, state, idsOf(engine, ids, state.count), signal),
      );
    } catch (error) {
      signal?.throwIfAborted();
      taken.push({ state, symbols: [] });
      failed.set(index, error);
    }
  }
  const advanced = writesOnline(engine)
    ? await writeOnline(
        engine,
        taken.map(({ state }) => state),
        chunks,
        signal,
      )
    : await endSequences(engine, taken, chunks, signal);
  return advanced.map((outcome, index) => (failed.has(index) ? { error: failed.get(index) } : outcome));
}

/** A stream after more symbols. */
async function takeIn(
  engine: SequenceEngine,
  state: SequenceState,
  ids: Int32Array,
  signal: AbortSignal | undefined,
): Promise<Taken> {
  signal?.throwIfAborted();
  const count = state.count + ids.length;
  if (!engine.isCausal) {
    return { state: { ...state, count, ids: Int32Array.from([...state.ids, ...ids]) }, symbols: [] };
  }
  const { depth, executor } = engine;
  const outputs = await executor.run('encode', { tokens: { shape: [1, ids.length], data: ids }, ...state.encoder });
  const encoder = Object.fromEntries(Object.keys(state.encoder).map((name) => [name, outputs[name]!])); // the cell gives each
  const next = { ...state, count, encoder };
  const chunk = encodedRows(outputs, 0, ids.length, depth);
  if (writesOnline(engine)) {
    return { state: { ...next, vectors: concatenate([state.vectors, chunk.vectors]) }, symbols: [] };
  }
  const [after] = await rememberChunks(engine, [{ state: state.memory, chunk }], signal);
  const { memory, rows } = after!; // one for the one
  if (rows === undefined) return { state: { ...next, memory }, symbols: [] };
  const { written } = state;
  const { labels, newest } = spellOn({ data: rows, width: engine.labelCount + 1 }, written.token);
  return {
    state: { ...next, memory, written: { ...written, count: written.count + labels.length, token: newest } },
    symbols: labels.map(({ label, row }) => ({ token: label - 1, position: state.count + row })),
  };
}

/** What is left to write about streams that end is written greedily, those of all together; and what is to be said of each whole. */
async function endSequences(
  engine: SequenceEngine,
  taken: readonly Taken[],
  chunks: readonly SequenceChunk[],
  signal: AbortSignal | undefined,
): Promise<Advanced[]> {
  const ending = taken.flatMap(({ state }, index) => (chunks[index]!.isLast && state.count > 0 ? [state] : []));
  const ended = ending.length === 0 ? [] : await endedStreams(engine, ending, signal);
  const written = (await writeWhole(engine, ending, ended, signal)).values();
  const answers = (engine.concludes ? await concludeAll(engine, ended) : []).values();
  signal?.throwIfAborted();
  return taken.map(({ state, symbols }, index): Advanced => {
    if (!chunks[index]!.isLast) return { state, output: { symbols } };
    const next = startSequence(engine);
    if (state.count === 0) return { state: next, output: { symbols: [] } };
    const result = written.next().value;
    const answer = answers.next().value;
    if (result?.status === 'rejected') return { error: result.reason };
    return { state: next, output: { symbols: [...symbols, ...(result?.value ?? [])], answer } };
  });
}

/** What heads read of streams that end. */
async function endedStreams(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  signal: AbortSignal | undefined,
): Promise<Ended[]> {
  if (!engine.isCausal) {
    return rememberAll(
      engine,
      states.map(({ ids }) => ids),
      signal,
    );
  }
  const { depth } = engine;
  const sequences = states.map(({ memory }) => ({ memory, final: memory.window.vectors.slice(-depth) }));
  return endedOf(engine, sequences, signal);
}

/** Symbols of each stream that are only known at its end; those that CTC wrote as they came are none of them. */
async function writeWhole(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  ended: readonly Ended[],
  signal: AbortSignal | undefined,
): Promise<PromiseSettledResult<WrittenSymbol[]>[]> {
  if (ended.length > 0 && engine.writer === 'decoder') {
    const asked = ended.map((memory, index) => ({ ...memory, maximumLength: longestOutput(states[index]!.count) }));
    const search = { labelCount: engine.labelCount, beamSize: 1, nBest: 1, lengthExponent: 0 };
    const decoded = await decodeSequences(engine.executor, asked, search, signal);
    return decoded.map((result) => {
      if (result.status === 'rejected') return result;
      const labels = result.value[0]?.labels ?? [];
      return { status: 'fulfilled', value: labels.map((label) => ({ token: label - 1 })) };
    });
  }
  return ended.map(({ rows }) => {
    const { labels } = rows === undefined ? { labels: [] } : spellOn({ data: rows, width: engine.labelCount + 1 }, 0);
    return { status: 'fulfilled', value: labels.map(({ label, row }) => ({ token: label - 1, position: row })) };
  });
}

/** Each stream is written about as far as attention stops at what is there; those that end, to their end. */
async function writeOnline(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  chunks: readonly SequenceChunk[],
  signal: AbortSignal | undefined,
): Promise<Advanced[]> {
  const steps = decoderSteps(engine.executor, signal);
  try {
    const results = await inLockstep(
      states.map((state, index) => async (ask: Ask) => {
        const { isLast } = chunks[index]!; // one for each
        const prepared = await withKeys(engine, state);
        return prepared.count === 0 ? { state: prepared, symbols: [] } : writeOne(engine, prepared, isLast, ask);
      }),
      steps.run,
    );
    signal?.throwIfAborted();
    return results.map((result, index): Advanced => {
      if (result.status === 'rejected') return { error: result.reason };
      const { state, symbols } = result.value;
      return { state: chunks[index]!.isLast ? startSequence(engine) : state, output: { symbols } };
    });
  } finally {
    steps.end();
  }
}

type Ask = (request: DecoderRequest) => Promise<readonly DecodedRow[]>;

/** `state` with the decoder's keys of all vectors that are held. */
async function withKeys(engine: SequenceEngine, state: SequenceState): Promise<SequenceState> {
  const { depth, executor } = engine;
  const { keys, keyRows } = state.written;
  const held = state.vectors.length / depth;
  if (held === keyRows) return state;
  const fresh = { entries: state.vectors.subarray(keyRows * depth), bias: new Float32Array(held - keyRows) };
  const [memory] = await prepareDecoder(executor, [fresh]);
  return { ...state, written: { ...state.written, keys: concatenate([keys, memory!.keys]), keyRows: held } }; // one was given
}

async function writeOne(
  engine: SequenceEngine,
  given: SequenceState,
  isLast: boolean,
  ask: Ask,
): Promise<{ readonly state: SequenceState; readonly symbols: readonly WrittenSymbol[] }> {
  const symbols: WrittenSymbol[] = [];
  let state = given;
  const most = longestOutput(state.count);
  while (!state.written.hasEnded && state.written.count < most) {
    const { written, vectors } = state;
    const bias = new Float32Array(vectors.length / engine.depth);
    const memory = { entries: vectors, keys: written.keys, bias };
    const [row] = await ask({ memory, rows: [{ token: written.token, state: written.state }] });
    const stop = stopOf(row!.state); // there is a row for each that was asked
    if (stop < 0 && !isLast) break; // it may stop at what comes
    const token = bestOf(row!.logProbabilities);
    const first = state.count - bias.length; // number of the first vector that is held
    if (token > 0) symbols.push({ token: token - 1, ...(stop < 0 ? {} : { position: first + stop }) });
    state = afterStep(engine, state, { token, state: row!.state });
  }
  return { state, symbols };
}

/** The entry at which a step stopped, the first that it did not pass; -1 where it stopped nowhere. */
function stopOf(state: NonNullable<Written['state']>): number {
  return state['state.ahead']!.findIndex((passed) => passed < 0.5); // attention that stops keeps it
}

/** The state after a step, without the vectors that no later one can see: those before the chunk that ends at the stop. */
function afterStep(
  engine: SequenceEngine,
  given: SequenceState,
  { token, state }: Pick<Written, 'token'> & { readonly state: NonNullable<Written['state']> },
): SequenceState {
  const { depth } = engine;
  const held = given.vectors.length / depth;
  const stopped = stopOf(state);
  // Where it stopped nowhere a vector stays, which it has passed: a step asks about one at least.
  const dropped = Math.max(0, (stopped < 0 ? held - 1 : stopped) - (writesOnline(engine)!.chunk - 1)); // asked before
  const keyDepth = given.written.keys.length / held;
  const copied = Object.entries(state).map(([name, data]) => [
    name,
    name === 'state.ahead' ? data.slice(dropped) : data.slice(), // copies: a state must not keep the batch alive
  ]);
  return {
    ...given,
    vectors: given.vectors.slice(dropped * depth),
    written: {
      count: given.written.count + (token > 0 ? 1 : 0),
      token,
      hasEnded: token === 0,
      state: Object.fromEntries(copied) as Record<string, Float32Array>, // copies of such
      keys: given.written.keys.slice(dropped * keyDepth),
      keyRows: held - dropped,
    },
  };
}

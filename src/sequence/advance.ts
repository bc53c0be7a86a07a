/**
 * Streams of symbols, advanced together: each takes in symbols of its own; what can be written of it is written. Where attention stops at
 * entries, an output comes as soon as it stops; other outputs come when the stream is flushed.
 */
import { floatsNamed } from '../cell/rows.ts';
import { type DecodedRow, type DecoderRequest, decoderSteps, prepareDecoder } from '../decoder/decoder-batch.ts';
import { decodeSequences } from '../decoder/decode-sequences.ts';
import { inLockstep } from '../decoder/lockstep.ts';
import { heldEntries } from '../memory/state.ts';
import { beginUpdate, memoryAt, mergePendingNodes } from '../memory/update.ts';
import type { Outcome } from '../recognizer/batched-recognizer.ts';
import type { SequenceEngine } from './engine.ts';
import { idsOf, longestOutput } from './ids.ts';
import { rememberAll, rowsOf, startsOf } from './remembered.ts';
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
export type SequenceOutput = { readonly symbols: readonly WrittenSymbol[] };

type Advanced = Outcome<SequenceState, SequenceOutput>;

/** State, chunk and outcome i belong together. Rejects where the executor fails for all, or with the reason of `signal`. */
export async function advanceSequences(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  chunks: readonly SequenceChunk[],
  signal?: AbortSignal,
): Promise<Advanced[]> {
  const taken: SequenceState[] = [];
  const failed = new Map<number, unknown>();
  for (const [index, state] of states.entries()) {
    try {
      const { ids } = chunks[index]!; // one for each
      taken.push(ids.length === 0 ? state : await takeIn(engine, state, idsOf(engine, ids, state.count), signal));
    } catch (error) {
      signal?.throwIfAborted();
      taken.push(state);
      failed.set(index, error);
    }
  }
  const advanced = writesOnline(engine)
    ? await writeOnline(engine, taken, chunks, signal)
    : await writeAtFlush(engine, taken, chunks, signal);
  return advanced.map((outcome, index) => (failed.has(index) ? { error: failed.get(index) } : outcome));
}

/** The state after more symbols. */
async function takeIn(
  engine: SequenceEngine,
  state: SequenceState,
  ids: Int32Array,
  signal: AbortSignal | undefined,
): Promise<SequenceState> {
  signal?.throwIfAborted();
  const count = state.count + ids.length;
  if (!engine.isCausal) return { ...state, count, ids: Int32Array.from([...state.ids, ...ids]) };
  const { depth, executor } = engine;
  const { memory } = engine.config;
  const outputs = await executor.run('encode', { tokens: { shape: [1, ids.length], data: ids }, ...state.encoder });
  const encoder = Object.fromEntries(Object.keys(state.encoder).map((name) => [name, outputs[name]!])); // the cell gives each
  const added = floatsNamed(outputs, 'vectors');
  const next = { ...state, count, encoder };
  switch (memory.kind) {
    case 'hierarchical': {
      const update = beginUpdate(memory, state.memory, rowsOf(added));
      await mergePendingNodes(executor, memory, [update], signal);
      return { ...next, memory: memoryAt(memory, update, update.after), vectors: added.slice(-depth) };
    }
    case 'last':
      return { ...next, vectors: added.slice(-depth) };
    case 'window':
      return { ...next, vectors: joined(state.vectors, added).slice(-memory.window * depth) };
    case 'full':
      return { ...next, vectors: joined(state.vectors, added) };
    default:
      return memory satisfies never;
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Streams that end are written about together, greedily. */
async function writeAtFlush(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  chunks: readonly SequenceChunk[],
  signal: AbortSignal | undefined,
): Promise<Advanced[]> {
  const ending = states.filter((state, index) => chunks[index]!.isLast && state.count > 0);
  const memories = await memoriesOf(engine, ending, signal);
  const asked = memories.map((memory, index) => ({ ...memory, maximumLength: longestOutput(ending[index]!.count) }));
  const search = { labelCount: engine.labelCount, beamSize: 1, nBest: 1, lengthExponent: 0 };
  const decoded = asked.length === 0 ? [] : await decodeSequences(engine.executor, asked, search, signal);
  signal?.throwIfAborted();
  const results = decoded.values();
  return states.map((state, index): Advanced => {
    if (!chunks[index]!.isLast) return { state, output: { symbols: [] } };
    const result = state.count > 0 ? results.next().value : undefined;
    if (result?.status === 'rejected') return { error: result.reason };
    const labels = result?.value[0]?.labels ?? [];
    return { state: startSequence(engine), output: { symbols: labels.map((label) => ({ token: label - 1 })) } };
  });
}

async function memoriesOf(
  engine: SequenceEngine,
  states: readonly SequenceState[],
  signal: AbortSignal | undefined,
): Promise<{ entries: Float32Array; bias: Float32Array; start?: Written['state'] }[]> {
  if (states.length === 0) return [];
  if (!engine.isCausal) {
    return rememberAll(
      engine,
      states.map(({ ids }) => ids),
      signal,
    );
  }
  const { depth } = engine;
  const { memory } = engine.config;
  const finals = states.map(({ vectors }) => vectors.slice(-depth));
  const starts = await startsOf(engine, finals);
  return states.map((state, index) => {
    const held =
      memory.kind === 'hierarchical'
        ? heldEntries(memory, state.memory)
        : { entries: state.vectors, bias: new Float32Array(state.vectors.length / depth) };
    return { entries: held.entries, bias: held.bias, start: starts?.[index] };
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
  return { ...state, written: { ...state.written, keys: joined(keys, memory!.keys), keyRows: held } }; // one was given
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
    const stop = row!.alignment.findLastIndex((share) => share > 0); // there is a row for each that was asked
    if (stop < 0 && !isLast) break; // it may stop at what comes
    const token = bestOf(row!.logProbabilities);
    const first = state.count - bias.length; // number of the first vector that is held
    if (token > 0) symbols.push({ token: token - 1, ...(stop < 0 ? {} : { position: first + stop }) });
    state = afterStep(engine, state, { token, state: row!.state });
  }
  return { state, symbols };
}

function bestOf(logProbabilities: Float32Array): number {
  return logProbabilities.reduce((best, value, label) => (value > logProbabilities[best]! ? label : best), 0);
}

/** The state after a step, without the vectors that no later one can see: those before the chunk that ends at the stop. */
function afterStep(
  engine: SequenceEngine,
  given: SequenceState,
  { token, state }: Pick<Written, 'token'> & { readonly state: NonNullable<Written['state']> },
): SequenceState {
  const { depth } = engine;
  const held = given.vectors.length / depth;
  const ahead = state['state.ahead']!; // attention that stops keeps it
  const stopped = ahead.findIndex((passed) => passed < 0.5);
  const dropped = Math.max(0, (stopped < 0 ? held : stopped) - (writesOnline(engine)!.chunk - 1)); // asked before
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

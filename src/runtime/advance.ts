/**
 * The batching engine: many streams, each with a chunk of its own, advance together. Their vectors are encoded together,
 * all pending merges of all their memories share calls, and so do their reads; then each is searched for words alone.
 */
import { assertInteger } from '../errors.ts';
import { encodeChunks, type FramedChunk, frameChunk, type StreamChunk } from './encode-chunks.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './event.ts';
import { hear } from './hear.ts';
import type { StreamState } from './stream-state.ts';

export type StreamOutput = {
  readonly events: readonly RecognitionEvent[];
  /** Why this stream could not take its chunk; then its state is the one before, and there are no events. */
  readonly error?: unknown;
};

export type Advanced = { readonly states: readonly StreamState[]; readonly outputs: readonly StreamOutput[] };

/** A stream whose chunk has been turned into frames; `index` is its place in the call. */
type Listening = { readonly index: number; readonly framed: FramedChunk };

/**
 * Gives each stream its chunk; state, chunk and output i belong together. The given states stay as they are. What is
 * wrong with one stream is told in its output and harms no other. Rejects where the executor fails for all, or with the
 * reason of `signal`, which is looked at before each call of a cell; then all can go on from the states they had.
 */
export async function advance(
  engine: Engine,
  states: readonly StreamState[],
  chunks: readonly StreamChunk[],
  signal?: AbortSignal,
): Promise<Advanced> {
  assertInteger('chunks.length', chunks.length, states.length, states.length);
  signal?.throwIfAborted();
  const nextStates = [...states];
  const outputs = states.map((): StreamOutput => ({ events: [] }));
  const streams: Listening[] = [];
  for (const [index, state] of states.entries()) {
    const chunk = chunks[index] as StreamChunk; // as many as states
    try {
      streams.push({ index, framed: frameChunk(engine, state, chunk) });
    } catch (error) {
      outputs[index] = { events: [], error };
    }
  }
  const framed = streams.map((stream) => stream.framed);
  for (const [stream, encoded] of (await encodeChunks(engine, framed, signal)).entries()) {
    const {
      index,
      framed: { chunk },
    } = streams[stream] as Listening; // one for each
    try {
      const before = states[index] as StreamState; // where it was found
      const { state, events } = await hear(engine, { ...encoded, before, trace: chunk.trace }, signal);
      nextStates[index] = state;
      outputs[index] = { events };
    } catch (error) {
      signal?.throwIfAborted();
      outputs[index] = { events: [], error };
    }
  }
  return { states: nextStates, outputs };
}

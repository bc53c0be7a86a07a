/**
 * The batching engine: many streams, each with a chunk of its own, advance together. Their vectors are encoded together,
 * all pending merges of all their memories share calls, and so do their reads. Then each is searched for words, and the
 * utterances that end in any of them are settled together: every step of the attention decoder is one call for all.
 */
import { assertInteger } from '../errors.ts';
import { encodeChunks, type FramedChunk, frameChunk, type StreamChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import { searchChunks } from './search.ts';
import type { StreamState } from './state.ts';

export type StreamOutput = {
  readonly events: readonly RecognitionEvent[];
  /** Error that kept this stream from taking its chunk; its state is then the one before, and there are no events. */
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
    const chunk = chunks[index]!; // as many as states
    try {
      streams.push({ index, framed: frameChunk(engine, state, chunk) });
    } catch (error) {
      outputs[index] = { events: [], error };
    }
  }
  const framed = streams.map((stream) => stream.framed);
  const encoded = await encodeChunks(engine, framed, signal);
  const heardChunks = streams.map(({ index, framed: { chunk } }, stream) => ({
    ...encoded[stream]!, // one for each
    before: states[index]!, // where it was found
    trace: chunk.trace,
  }));
  for (const [stream, result] of (await searchChunks(engine, heardChunks, signal)).entries()) {
    const { index } = streams[stream]!; // one for each
    if (result.status === 'rejected') {
      outputs[index] = { events: [], error: result.reason };
      continue;
    }
    nextStates[index] = result.value.state;
    outputs[index] = { events: result.value.events };
  }
  return { states: nextStates, outputs };
}

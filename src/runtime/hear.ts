/** One stream's part of an advance: what the model made of its chunk becomes utterances, events and the next state. */
import { beginGrowth, endGrowth } from '../memory/growth.ts';
import { mergeDueNodes } from '../memory/merge-nodes.ts';
import type { MemoryState } from '../memory/state.ts';
import type { EncodedChunk } from './encode-chunks.ts';
import type { Engine } from './engine.ts';
import type { EndpointEvent, RecognitionEvent } from './event.ts';
import { floatsNamed } from './rows.ts';
import { settleUtterance } from './settle-utterance.ts';
import { openSearch, type StreamState } from './stream-state.ts';
import type { StreamTrace } from './stream-trace.ts';
import { finalEvent, partialEvent, tracedFinal } from './utterance-events.ts';
import type { HeardUtterance, UtteranceSearch } from './utterance-search.ts';

/** A stream's state before its chunk, and what the model made of the chunk. */
export type HeardChunk = EncodedChunk & {
  readonly before: StreamState;
  readonly trace: StreamTrace | undefined;
};

export type Heard = { readonly state: StreamState; readonly events: readonly RecognitionEvent[] };

/** Searches the chunk for words, vector by vector, and settles the utterances that end in it. */
export async function hear(engine: Engine, chunk: HeardChunk, signal?: AbortSignal): Promise<Heard> {
  const { before, audio, encoded, memory, trace } = chunk;
  const search = openSearch(engine, before.settings, before.search);
  trace?.keepReads(memory.alignments, before.memory.count - before.search.energies.length);
  const events: RecognitionEvent[] = [];
  let { shown } = before;
  for (const utterance of endedUtterances(chunk, search)) {
    events.push(...(await settle(engine, chunk, utterance, shown.length > 0, signal)));
    shown = [];
  }
  const picture = chunk.isLast ? undefined : trace?.picture(before.memory.count);
  if (picture !== undefined) events.push(picture);
  const current = chunk.isLast ? undefined : search.current();
  const labels = current?.hypotheses[0]?.labels ?? [];
  if (current !== undefined && labels.join() !== shown.join()) {
    events.push(partialEvent(engine, before.settings, current));
    shown = labels;
  }
  const state = {
    ...before,
    audio: audio.state,
    encoder: encoded.states,
    memory: memory.state,
    search: search.snapshot(),
    shown,
  };
  return { state, events };
}

/** Feeds the chunk's vectors to `search`. */
function* endedUtterances({ memory, audio, isLast }: HeardChunk, search: UtteranceSearch): Generator<HeardUtterance> {
  const count = audio.logEnergies.length;
  const data = count === 0 ? new Float32Array(0) : floatsNamed(memory.outputs, 'logProbabilities');
  const width = data.length / Math.max(1, count);
  for (const [row, energy] of audio.logEnergies.entries()) {
    const ended = search.push(data.subarray(row * width, (row + 1) * width), energy);
    if (ended !== undefined) yield ended;
  }
  const last = isLast ? search.finish() : undefined;
  if (last !== undefined) yield last;
}

/** The events of an utterance that has ended. Without words there is no final, unless it takes back a partial. */
async function settle(
  engine: Engine,
  chunk: HeardChunk,
  utterance: HeardUtterance,
  hasPartial: boolean,
  signal?: AbortSignal,
): Promise<RecognitionEvent[]> {
  const { settings } = chunk.before;
  const memory = await memoryAt(engine, chunk, utterance.end, signal);
  const { decoder, grammar } = settings;
  const settled = await settleUtterance(engine, utterance, memory, { decoder, allowed: grammar.allowed, signal });
  const time = Math.min(utterance.end * engine.secondsPerVector, chunk.secondsHeard);
  const endpoint: EndpointEvent = { type: 'endpoint', time, reason: utterance.reason ?? 'end' };
  if (settled.labels.length === 0 && !hasPartial) return [endpoint];
  const final = finalEvent(engine, settings, utterance, settled, chunk.secondsHeard);
  if (chunk.trace === undefined) return [endpoint, final];
  return [endpoint, final, chunk.trace.rest(tracedFinal(utterance, settled, final.words))];
}

/** The memory as it was after `count` vectors, somewhere in the chunk: what follows an utterance must not change it. */
async function memoryAt(
  { config, executor }: Engine,
  { before, encoded, memory }: HeardChunk,
  count: number,
  signal?: AbortSignal,
): Promise<MemoryState> {
  if (count === memory.state.count) return memory.state;
  const size = (count - before.memory.count) * config.memory.depth;
  const { vectors, keys, values } = encoded;
  const part = { vectors: vectors.subarray(0, size), keys: keys.subarray(0, size), values: values.subarray(0, size) };
  const growth = beginGrowth(config.memory, before.memory, part);
  await mergeDueNodes(executor, config.memory, [growth], signal);
  return endGrowth(config.memory, growth);
}

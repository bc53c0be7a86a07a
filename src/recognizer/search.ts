/** One stream's part of an advance: what the model made of its chunk becomes utterances, events and the next state. */
import { memoryAt } from '../memory/update.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import type { EncodedChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { EndpointEvent, RecognitionEvent } from './events.ts';
import { heardRows } from './heard.ts';
import { type EndedUtterance, type RescoredUtterance, rescoreTogether } from './rescoring.ts';
import { openSearch, type StreamState } from './state.ts';
import { spelledWords } from './phone-words.ts';
import type { StreamAttention } from './attention-trace.ts';
import { finalEvent, partialEvent, tracedFinal } from './events.ts';
import type { SearchedUtterance, UtteranceSearch } from './utterance-search.ts';

/** A stream's state before its chunk, and what the model made of the chunk. */
export type SearchRequest = EncodedChunk & {
  readonly before: StreamState;
  readonly trace: StreamAttention | undefined;
};

export type SearchResult = { readonly state: StreamState; readonly events: readonly RecognitionEvent[] };

/** A chunk that was searched: its utterances have yet to be settled. */
type SearchedChunk = {
  readonly chunk: SearchRequest;
  /** The utterances that end in the chunk, in order. */ readonly endings: readonly EndedUtterance[];
  /** The utterance under way after the chunk. */ readonly current: SearchedUtterance | undefined;
  /** The state after the chunk but for what is shown of the utterance under way. */ readonly state: StreamState;
};

/**
 * Searches each chunk for words, vector by vector, and settles the utterances that end in any of them together. Result i
 * is that of chunk i, or why it could not be had: what is wrong with one harms no other. Rejects with the reason of
 * `signal`, which is looked at before each step of the decoder.
 */
export async function searchChunks(
  engine: Engine,
  chunks: readonly SearchRequest[],
  signal?: AbortSignal,
): Promise<PromiseSettledResult<SearchResult>[]> {
  const rows = await heardRows(
    engine,
    chunks.map(({ memory: { outputs }, audio: { logEnergies }, before }) => ({
      outputs,
      vectorCount: logEnergies.length,
      grammar: before.settings.grammar,
    })),
    signal,
  );
  const searched = chunks.map((chunk, index) => attempt(() => searchChunk(engine, chunk, rows[index]!))); // one for each
  const endings = searched.flatMap((result) => (result.status === 'fulfilled' ? result.value.endings : []));
  const rescored = await rescoreTogether(engine, endings, signal);
  signal?.throwIfAborted();
  let first = 0;
  return searched.map((result) => {
    if (result.status === 'rejected') return result;
    const own = rescored.slice(first, first + result.value.endings.length);
    first += own.length;
    return attempt(() => finish(engine, result.value, own.map(valueOf)));
  });
}

/** Feeds the chunk's vectors, whose log-probabilities are `rows`, to the stream's search. */
function searchChunk(engine: Engine, chunk: SearchRequest, rows: Float32Array): SearchedChunk {
  const { before, audio, encoded, memory } = chunk;
  const { decoder, grammar } = before.settings;
  const search = openSearch(engine, before.settings, before.search);
  const endings = Array.from(endedUtterances(chunk, rows, search), (utterance) => ({
    utterance,
    memory: memoryAt(engine.config.memory, memory.update, utterance.end), // what follows must not change it
    options: { decoder, grammar },
  }));
  const current = chunk.isLast ? undefined : search.current();
  const next = { audio: audio.state, encoder: encoded.states, memory: memory.state, search: search.snapshot() };
  return { chunk, endings, current, state: { ...before, ...next } };
}

function* endedUtterances(
  { audio, isLast }: SearchRequest,
  data: Float32Array,
  search: UtteranceSearch,
): Generator<SearchedUtterance> {
  const count = audio.logEnergies.length;
  const width = data.length / Math.max(1, count);
  for (const [row, energy] of audio.logEnergies.entries()) {
    const ended = search.push(data.subarray(row * width, (row + 1) * width), energy);
    if (ended !== undefined) yield ended;
  }
  const last = isLast ? search.finish() : undefined;
  if (last !== undefined) yield last;
}

/** The events of a chunk and the state after it. */
function finish(
  engine: Engine,
  { chunk, endings, current, state }: SearchedChunk,
  rescored: readonly RescoredUtterance[],
): SearchResult {
  const { before, trace } = chunk;
  trace?.keepReads(chunk.memory.alignments, before.memory.count - before.search.energies.length);
  const events: RecognitionEvent[] = [];
  let { shown } = before;
  for (const [index, { utterance }] of endings.entries()) {
    const one = rescored[index]!; // one for each ending
    events.push(...endingEvents(engine, chunk, utterance, one, shown.length > 0));
    shown = [];
  }
  const memoryEvent = chunk.isLast ? undefined : trace?.memoryEvent(before.memory.count);
  if (memoryEvent !== undefined) events.push(memoryEvent);
  const labels = shownOf(before.settings.grammar, current?.hypotheses[0]?.labels ?? []);
  if (current !== undefined && !areEqual(labels, shown)) {
    events.push(partialEvent(engine, before.settings, current));
    shown = labels;
  }
  return { state: { ...state, shown }, events };
}

/** The events of an utterance that has ended. Without words there is no final, unless it takes back a partial. */
function endingEvents(
  engine: Engine,
  chunk: SearchRequest,
  utterance: SearchedUtterance,
  rescored: RescoredUtterance,
  hasPartial: boolean,
): RecognitionEvent[] {
  const time = Math.min(utterance.end * engine.secondsPerVector, chunk.secondsHeard);
  const endpoint: EndpointEvent = { type: 'endpoint', time, reason: utterance.reason ?? 'end' };
  if (rescored.labels.length === 0 && !hasPartial) return [endpoint];
  const final = finalEvent(engine, chunk.before.settings, utterance, rescored, chunk.secondsHeard);
  if (chunk.trace === undefined) return [endpoint, final];
  return [endpoint, final, chunk.trace.attribute(tracedFinal(chunk.before.settings, utterance, rescored, final.words))];
}

/** The labels that a partial event shows: of phones those of whole words. */
function shownOf({ phones }: SpokenGrammar, labels: readonly number[]): readonly number[] {
  if (phones === undefined) return labels;
  return labels.slice(0, 1 + (spelledWords(phones, labels).at(-1)?.last ?? -1));
}

function areEqual(labels: readonly number[], others: readonly number[]): boolean {
  return labels.length === others.length && labels.every((label, index) => label === others[index]);
}

function attempt<Result>(work: () => Result): PromiseSettledResult<Result> {
  try {
    return { status: 'fulfilled', value: work() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

/** The value of what went well; throws what went wrong. */
export function valueOf<Result>(result: PromiseSettledResult<Result>): Result {
  if (result.status === 'fulfilled') return result.value;
  throw result.reason;
}

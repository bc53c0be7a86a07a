/** One stream's part of an advance: what the model made of its chunk becomes utterances, events and the next state. */
import { memoryAt } from '../memory/update.ts';
import type { StartedHypothesis } from '../ctc/prefix-beam.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import type { EncodedChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import { chooseCode } from './code-alternatives.ts';
import { type HeardParts, type JoinedParts, joinParts } from './code-parts.ts';
import type { EndpointEvent, RecognitionEvent } from './events.ts';
import { heardRows } from './heard.ts';
import { type EndedUtterance, type RescoredUtterance, rescoreTogether } from './rescoring.ts';
import { openSearch, settingsOf, type StreamSettings, type StreamState } from './state.ts';
import { spelledWords } from './phone-words.ts';
import type { StreamAttention } from './attention-trace.ts';
import { finalEvent, partialEvent, tracedFinal, wordsOf } from './events.ts';
import type { SearchedUtterance } from './utterance-search.ts';

/** A stream's state before its chunk, and what the model made of the chunk. */
export type SearchRequest = EncodedChunk & {
  readonly before: StreamState;
  readonly trace: StreamAttention | undefined;
};

export type SearchResult = { readonly state: StreamState; readonly events: readonly RecognitionEvent[] };

/** A chunk that was searched: its utterances have yet to be settled. */
type SearchedChunk = {
  readonly chunk: SearchRequest;
  /** The utterances that end in the chunk, in order. */ readonly endings: readonly SettledUtterance[];
  /** Where in the chunk nobody had said anything for long enough. */ readonly noInputs: readonly NoInput[];
  /** The utterance under way after the chunk. */ readonly current: SearchedUtterance | undefined;
  /** The state after the chunk but for what is shown of the utterance under way. */ readonly state: StreamState;
};

/** Number of the vector after which to tell, and how many utterances of the chunk have ended before it. */
type NoInput = { readonly vector: number; readonly endingsBefore: number };

type SettledUtterance = EndedUtterance & { readonly options: StreamSettings };

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
  const { current: first, following } = settingsOf(before);
  const search = openSearch(engine, first, before.search, following.grammar);
  const noInputs: NoInput[] = [];
  const endings: SettledUtterance[] = [];
  let settings = first;
  const onEnded = (utterance: SearchedUtterance): void => {
    const ending = memoryAt(engine.config.memory, memory.update, utterance.end); // what follows must not change it
    endings.push({ utterance, memory: ending, options: settings });
    if (!utterance.isCut) settings = following;
  };
  const width = rows.length / Math.max(1, audio.logEnergies.length);
  for (const [row, energy] of audio.logEnergies.entries()) {
    const ended = search.push(rows.subarray(row * width, (row + 1) * width), energy);
    if (ended !== undefined) onEnded(ended);
    if (search.idle() === longestIdle(engine, settings)) {
      noInputs.push({ vector: before.memory.count + row + 1, endingsBefore: endings.length });
    }
  }
  const last = chunk.isLast ? search.finish() : undefined;
  if (last !== undefined) onEnded(last);
  const current = chunk.isLast ? undefined : search.current();
  const { nextGrammar, ...kept } = before;
  const next = {
    audio: audio.state,
    encoder: encoded.states,
    memory: memory.state,
    search: search.snapshot(),
    settings,
  };
  const state = { ...kept, ...next, ...(nextGrammar && settings !== following && { nextGrammar }) };
  return { chunk, endings, noInputs, current, state };
}

/** Vectors after an utterance after which to tell that nobody says anything. */
function longestIdle({ secondsPerVector }: Engine, { grammar: { code } }: StreamSettings): number {
  return Math.ceil((code?.listening.noInputMs ?? Number.POSITIVE_INFINITY) / (1000 * secondsPerVector));
}

/** The events of a chunk and the state after it. */
function finish(
  engine: Engine,
  { chunk, endings, noInputs, current, state }: SearchedChunk,
  rescored: readonly RescoredUtterance[],
): SearchResult {
  const { before, trace } = chunk;
  trace?.keepReads(chunk.memory.alignments, before.memory.count - before.search.energies.length);
  const events: RecognitionEvent[] = [];
  const tellNoInputs = (endingsBefore: number): void => {
    const own = noInputs.filter((each) => each.endingsBefore === endingsBefore);
    events.push(...own.map(({ vector }) => ({ type: 'no-input', time: vector * engine.secondsPerVector }) as const));
  };
  let { shown, parts } = before;
  tellNoInputs(0);
  for (const [index, ending] of endings.entries()) {
    const { utterance } = ending;
    const one = rescored[index]!; // one for each ending
    const joined = joinedWith(engine, ending.options, utterance, one.hypotheses, parts);
    parts = utterance.isCut ? joined?.kept() : undefined;
    if (!utterance.isCut) {
      events.push(...endingEvents(engine, chunk, ending, { rescored: one, joined, hasPartial: shown.length > 0 }));
      shown = [];
    }
    tellNoInputs(index + 1);
  }
  const memoryEvent = chunk.isLast ? undefined : trace?.memoryEvent(before.memory.count);
  if (memoryEvent !== undefined) events.push(memoryEvent);
  const { settings } = state;
  const joined = current && joinedWith(engine, settings, current, current.hypotheses.slice(0, 1), parts);
  const labels = shownOf(settings.grammar, (joined ?? current)?.hypotheses[0]?.labels ?? []);
  if (current !== undefined && !areEqual(labels, shown)) {
    events.push(partialEvent(engine, settings, current, joined));
    shown = labels;
  }
  return { state: { ...state, shown, parts }, events };
}

/** What a code may be of which `utterance` is a part, with `hypotheses` of it; `undefined` where it is no part of one. */
function joinedWith(
  engine: Engine,
  settings: StreamSettings,
  utterance: SearchedUtterance,
  hypotheses: readonly StartedHypothesis[],
  parts: HeardParts | undefined,
): JoinedParts | undefined {
  const { code } = settings.grammar;
  const { start, starts } = utterance;
  if (code === undefined || starts === undefined) return undefined;
  const words = (labels: readonly number[]) => wordsOf(engine, settings, utterance, labels, hypotheses);
  return joinParts(code.walk, parts, { start, starts, hypotheses, wordsOf: words });
}

type Ending = {
  readonly rescored: RescoredUtterance;
  readonly joined: JoinedParts | undefined;
  /** Whether a partial told of the utterance. */ readonly hasPartial: boolean;
};

/** The events of an utterance that has ended. Without words there is no final, unless it takes back a partial. */
function endingEvents(
  engine: Engine,
  { secondsHeard, trace }: SearchRequest,
  { utterance, options: settings }: SettledUtterance,
  { rescored, joined, hasPartial }: Ending,
): RecognitionEvent[] {
  const time = Math.min(utterance.end * engine.secondsPerVector, secondsHeard);
  const endpoint: EndpointEvent = { type: 'endpoint', time, reason: utterance.reason ?? 'end' };
  const chosen = joined && settings.grammar.code ? chooseCode(settings.grammar.code, joined.hypotheses) : rescored;
  if (chosen.labels.length === 0 && !hasPartial) return [endpoint];
  const final = finalEvent(engine, settings, utterance, chosen, secondsHeard, joined);
  if (trace === undefined) return [endpoint, final];
  if (joined === undefined) {
    return [endpoint, final, trace.attribute(tracedFinal(settings, utterance, chosen, final.words))];
  }
  // The reads of earlier parts are not held: words of the last one are attributed.
  const labels = joined.lastOf(chosen.labels);
  const words = final.words.slice(final.words.length - labels.length);
  return [endpoint, final, trace.attribute(tracedFinal(settings, utterance, { ...chosen, labels }, words))];
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

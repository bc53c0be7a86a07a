/** From utterances to the events that tell of them. */
import type { Hypothesis } from '../search/ctc-prefix-beam.ts';
import { alignLabels } from '../search/forced-alignment.ts';
import type { Word } from '../search/word.ts';
import { timeWords } from '../search/word-times.ts';
import type { Engine } from './engine.ts';
import type { FinalEvent, PartialEvent } from './event.ts';
import type { SettledUtterance } from './settle-utterance.ts';
import type { StreamSettings } from './stream-state.ts';
import type { TracedFinal } from './stream-trace.ts';
import type { HeardUtterance } from './utterance-search.ts';

/** Of a word that was spelled only in the silence after the end of its stream. */
const SHORTEST_WORD_SECONDS = 0.01;

/** What the utterance under way seems to be. */
export function partialEvent(engine: Engine, settings: StreamSettings, utterance: HeardUtterance): PartialEvent {
  const { hypotheses } = utterance;
  const words = wordsOf(engine, settings, utterance, hypotheses[0]?.labels ?? [], hypotheses);
  return { type: 'partial', text: textOf(words), words };
}

/** What an ended utterance was; nothing of it lies after the `secondsHeard` of its stream. */
export function finalEvent(
  engine: Engine,
  settings: StreamSettings,
  utterance: HeardUtterance,
  { labels, hypotheses }: SettledUtterance,
  secondsHeard: number,
): FinalEvent {
  const placed = wordsOf(engine, settings, utterance, labels, hypotheses);
  const start = utterance.start * engine.secondsPerVector;
  const end = Math.min(utterance.end * engine.secondsPerVector, secondsHeard);
  const words = placedBefore(placed, end);
  return { type: 'final', text: textOf(words), words, start, end };
}

/** Words that reach past `end` drawn before it, and the ones before them as far as they are in the way. */
function placedBefore(words: readonly Word[], end: number): Word[] {
  let limit = end;
  return words
    .toReversed()
    .map((word): Word => {
      const placed =
        word.end <= limit ? word : { ...word, start: Math.min(word.start, limit - SHORTEST_WORD_SECONDS), end: limit };
      limit = placed.start;
      return placed;
    })
    .toReversed();
}

/** What a trace needs to tell why an ended utterance was taken for what it was. `words` are those of its final event. */
export function tracedFinal(
  utterance: HeardUtterance,
  { labels, attention }: SettledUtterance,
  words: readonly Word[],
): TracedFinal {
  const placed = alignLabels(utterance.rows, labels).labels;
  const vectors = words.map((_, index) => utterance.start + (placed[index]?.peak ?? 0));
  return { words, vectors, count: utterance.end, attention };
}

function wordsOf(
  { secondsPerVector }: Engine,
  { grammar }: StreamSettings,
  { rows, energies, start }: HeardUtterance,
  labels: readonly number[],
  nBest: readonly Hypothesis[],
): Word[] {
  const startSeconds = start * secondsPerVector;
  return timeWords({ rows, energies, labels, words: grammar.words, nBest, startSeconds, secondsPerVector });
}

function textOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}

import type { RecognitionEvent } from '../../src/runtime/event.ts';
import type { Word } from '../../src/search/word.ts';

type Span = { readonly start: number; readonly end: number };

/** The same events `seconds` later: of a stream that began anew in the middle of another. */
export function laterBy(seconds: number, events: readonly RecognitionEvent[]): readonly RecognitionEvent[] {
  if (seconds === 0) return events;
  const later = <T extends Span>(span: T): T => ({ ...span, start: span.start + seconds, end: span.end + seconds });
  const laterWords = (words: readonly Word[]): Word[] => words.map((word) => later(word));
  return events.map((event): RecognitionEvent => {
    if (event.type === 'endpoint') return { ...event, time: event.time + seconds };
    if (event.type === 'final') return { ...later(event), words: laterWords(event.words) };
    if (event.type === 'partial') return { ...event, words: laterWords(event.words) };
    if (event.type === 'memory')
      return { ...event, time: event.time + seconds, roots: event.roots.map((root) => later(root)) };
    if (event.type === 'binned-attention') {
      const edges = event.edges.map((edge) => edge + seconds);
      return { ...event, edges, words: event.words.map((word) => later(word)) };
    }
    return { ...event, words: event.words.map((word) => later(word)) };
  });
}

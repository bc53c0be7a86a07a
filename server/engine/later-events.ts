import type { RecognitionEvent } from '../../src/runtime/event.ts';

type Span = { readonly start: number; readonly end: number };

/** The same events `seconds` later: of a stream that began anew in the middle of another. */
export function laterBy(seconds: number, events: readonly RecognitionEvent[]): readonly RecognitionEvent[] {
  if (seconds === 0) return events;
  const later = <T extends Span>(span: T): T => ({ ...span, start: span.start + seconds, end: span.end + seconds });
  return events.map((event): RecognitionEvent => {
    switch (event.type) {
      case 'partial':
        return { ...event, words: event.words.map((word) => later(word)) };
      case 'final':
        return { ...later(event), words: event.words.map((word) => later(word)) };
      case 'endpoint':
        return { ...event, time: event.time + seconds };
      case 'attention':
        return { ...event, words: event.words.map((word) => later(word)) };
    }
  });
}

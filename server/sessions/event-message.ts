/** What clients are told of the engine's events. */
import type { MemoryMessage, NumberedMessage, PartialMessage, ServerMessage } from '../../client/protocol.ts';
import type { AttentionEvent, MemoryEvent, PartialEvent } from '../../src/recognizer/events.ts';
import { toThousandths, toWrittenWords } from '../../src/text/written-words.ts';
import type { StreamEvent } from '../engine/protocol.ts';
import { type EventWindow, withEvent, type WindowBounds } from './event-window.ts';

/** What of the numbered events a client may have missed and still get. */
const BOUNDS: WindowBounds = { events: 256, characters: 1 << 20 };

export type NumberedEvents = { readonly window: EventWindow; readonly messages: readonly ServerMessage[] };

/** What a client is told of a stream's next events, and the window with those that have got a number. */
export function numberedEvents(before: EventWindow, events: readonly StreamEvent[]): NumberedEvents {
  let window = before;
  const messages = events.flatMap((event): ServerMessage[] => {
    if (event.type === 'attention') return []; // unreachable: the server never opens streams with vector-level attention
    if (event.type === 'partial' || event.type === 'memory') return [replaceableMessage(event)];
    const message = numberedMessage(event, window.nextOffset);
    window = withEvent(window, JSON.stringify(message), BOUNDS);
    return [message];
  });
  return { window, messages };
}

/** An event that the next one of its kind replaces. */
export type ReplaceableEvent = PartialEvent | MemoryEvent;
/** Attention to the vector is for recordings, not for streams that may never end. */
export type SettledEvent = Exclude<StreamEvent, ReplaceableEvent | AttentionEvent>;

/** Digits after the point that a share of attention, or a probability of an answer, is told with. */
const SHARE_DIGITS = 5;

export function replaceableMessage(event: ReplaceableEvent): PartialMessage | MemoryMessage {
  if (event.type === 'partial') return { ...event, words: toWrittenWords(event.words) };
  const roots = event.roots.map(({ level, start, end, shares }) => ({
    level,
    start: toThousandths(start),
    end: toThousandths(end),
    shares: sharesOf(shares),
  }));
  return { type: 'memory', time: toThousandths(event.time), roots };
}

export function numberedMessage(event: SettledEvent, offset: number): NumberedMessage {
  if (event.type === 'endpoint' || event.type === 'no-input')
    return { ...event, offset, time: toThousandths(event.time) };
  if (event.type === 'answers') return { ...event, offset, probabilities: event.probabilities.map(toShare) };
  if (event.type === 'final') {
    const [words, start, end] = [toWrittenWords(event.words), toThousandths(event.start), toThousandths(event.end)];
    return { ...event, offset, words, start, end };
  }
  const words = toWrittenWords(event.words).map(({ decoder, ...word }) => ({
    ...word,
    memory: sharesOf(word.memory),
    ...(decoder && { decoder: sharesOf(decoder) }),
  }));
  return { type: 'attention', edges: event.edges.map(toThousandths), words, offset };
}

function sharesOf(shares: Float32Array): number[] {
  return Array.from(shares, toShare);
}

function toShare(share: number): number {
  return Math.min(1, Number(share.toFixed(SHARE_DIGITS)));
}

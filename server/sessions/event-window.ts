import { HearkenError } from '../../src/errors.ts';

/** The last numbered events of a session, for a client that comes back and has missed some. */
export type EventWindow = {
  /** Offset of the event that comes next. */ readonly nextOffset: number;
  /** Oldest first; the last one has offset `nextOffset - 1`. */ readonly events: readonly string[];
};

/** Bounds of a window: events, and characters of all of them. The newest is kept whatever its size. */
export type WindowBounds = { readonly events: number; readonly characters: number };

/** The window with `event` added, and the oldest let go of that do not fit. */
export function withEvent(window: EventWindow, event: string, bounds: WindowBounds): EventWindow {
  const events = [...window.events, event];
  let characters = events.reduce((sum, { length }) => sum + length, 0);
  while (events.length > 1 && (events.length > bounds.events || characters > bounds.characters)) {
    characters -= events.shift()?.length ?? 0;
  }
  return { nextOffset: window.nextOffset + 1, events };
}

/**
 * The events after `lastOffset` (-1 for none yet), with their offsets. Throws `session/events-lost` where some of them
 * are gone, `session/unknown-offset` where the client claims events that never were: neither may be patched over.
 */
export function eventsAfter(window: EventWindow, lastOffset: number): { offset: number; event: string }[] {
  const { nextOffset, events } = window;
  if (lastOffset >= nextOffset) {
    throw new HearkenError('session/unknown-offset', `Expected an offset below ${nextOffset}, got ${lastOffset}`);
  }
  const first = nextOffset - events.length;
  if (lastOffset + 1 < first) {
    throw new HearkenError('session/events-lost', `Expected an offset of ${first - 1} at least, got ${lastOffset}`);
  }
  return events.slice(lastOffset + 1 - first).map((event, index) => ({ offset: lastOffset + 1 + index, event }));
}

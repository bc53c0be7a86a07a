import type { ServerMessage } from '../../client/protocol.ts';
import type { StreamEvent } from '../engine/protocol.ts';
import { numberedMessage, replaceableMessage } from './event-message.ts';
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

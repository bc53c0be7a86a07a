import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { HearkenError } from '../../../src/errors.ts';
import { type EventWindow, eventsAfter, withEvent } from '../../../server/sessions/event-window.ts';

const EMPTY: EventWindow = { nextOffset: 0, events: [] };
const BOUNDS = { events: 5, characters: 40 };
const windowOf = (events: readonly string[]) =>
  events.reduce((window, event) => withEvent(window, event, BOUNDS), EMPTY);

describe('a window of events', () => {
  test('replays exactly what was missed, or says that it cannot', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 20 }), { maxLength: 20 }),
        fc.integer({ min: -1, max: 25 }),
        (all, last) => {
          const window = windowOf(all);
          const expected = all.map((event, offset) => ({ offset, event })).slice(last + 1);
          const code = last >= all.length ? 'session/unknown-offset' : 'session/events-lost';
          let replayed: unknown;
          try {
            replayed = eventsAfter(window, last);
          } catch (error) {
            return (error as HearkenError).code === code;
          }
          expect(replayed).toEqual(expected);
          return true;
        },
      ),
    );
  });

  test('stays within its bounds, and keeps the newest event whatever its size', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 30 }), (all) => {
        const { events, nextOffset } = windowOf(all);
        expect(nextOffset).toBe(all.length);
        expect(events.at(-1)).toBe(all.at(-1));
        expect(events.length).toBeLessThanOrEqual(BOUNDS.events);
        expect(events.length === 1 || events.join('').length <= BOUNDS.characters).toBe(true);
      }),
    );
  });
});

import { createBoundedQueue } from '../src/queue/bounded-queue.ts';
import type { EventMessage } from './protocol.ts';
import { isReplaced } from './replaced-message.ts';

/** Events on their way to whoever iterates; of those that the next one replaces, only the latest waits. */
export type EventQueue = {
  readonly push: (event: EventMessage) => void;
  /** Ends the iteration after what is waiting, with `error` where there is one. */
  readonly end: (error?: Error) => void;
  /** The events, for one reader. */ readonly events: AsyncIterableIterator<EventMessage>;
};

/** Numbered events are never let go of, however many wait: the server acknowledges audio for which they are all that is left. */
export function createEventQueue(onReturn: () => void): EventQueue {
  const queue = createBoundedQueue<EventMessage>({
    policy: 'supersede',
    isSuperseded: isReplaced,
    capacity: Number.MAX_SAFE_INTEGER,
  });
  const reader = queue[Symbol.asyncIterator]();
  const events: AsyncIterableIterator<EventMessage> = {
    next: () => reader.next(),
    return: async () => {
      queue.close();
      onReturn();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => events,
  };
  return {
    push: queue.put,
    end: (error) => (error === undefined ? queue.end() : queue.fail(error)),
    events,
  };
}

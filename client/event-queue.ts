import type { EventMessage } from './protocol.ts';
import { removeReplaced } from './replaced-message.ts';

/** Events on their way to whoever iterates; of what the next one replaces, only the latest waits. */
export type EventQueue = {
  readonly push: (event: EventMessage) => void;
  /** Ends the iteration after what is waiting, with `error` where there is one. */
  readonly end: (error?: Error) => void;
  /** For one reader. */ readonly events: AsyncIterableIterator<EventMessage>;
};

export function createEventQueue(onReturn: () => void): EventQueue {
  const waiting: EventMessage[] = [];
  let ended: { readonly error: Error | undefined } | undefined;
  let wake: () => void = () => undefined;
  const next = async (): Promise<IteratorResult<EventMessage>> => {
    for (;;) {
      const event = waiting.shift();
      if (event !== undefined) return { value: event, done: false };
      if (ended?.error !== undefined) throw ended.error;
      if (ended !== undefined) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const events: AsyncIterableIterator<EventMessage> = {
    next,
    return: async () => {
      ended ??= { error: undefined };
      waiting.length = 0;
      onReturn();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => events,
  };
  return {
    push: (event) => {
      removeReplaced(waiting, event);
      waiting.push(event);
      wake();
    },
    end: (error) => {
      ended ??= { error };
      wake();
    },
    events,
  };
}

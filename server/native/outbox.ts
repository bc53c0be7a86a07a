import type { ServerMessage } from '../../client/protocol.ts';
import { removeReplaced } from '../../client/replaced-message.ts';

/** Messages on their way to one client, in order; of what the next one replaces, only the latest waits. */
export type Outbox = {
  readonly put: (message: ServerMessage) => void;
  /** Resolves when few enough are waiting that more may come. */ readonly room: () => Promise<void>;
  /** Resolves when everything put so far has been handed over. */ readonly drained: () => Promise<void>;
};

/** Messages waiting from which on `room` waits. */
const HIGH_MARK = 64;

/** `send` resolves when there is room for the next; it never rejects, since a lost client is told of elsewhere. */
export function createOutbox(send: (text: string) => Promise<void>, onCoalesced: () => void): Outbox {
  const waiting: ServerMessage[] = [];
  let pumping: Promise<void> | undefined;
  let wake: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const each of wake) each();
    wake = [];
  };
  const pump = async (): Promise<void> => {
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
      if (waiting.length < HIGH_MARK) wakeAll();
      await send(JSON.stringify(message));
    }
    pumping = undefined;
  };
  return {
    put: (message) => {
      const before = waiting.length;
      removeReplaced(waiting, message);
      if (waiting.length < before) onCoalesced();
      waiting.push(message);
      pumping ??= pump();
    },
    room: () => (waiting.length < HIGH_MARK ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
    drained: () => pumping ?? Promise.resolve(),
  };
}

import type { ServerMessage } from '../../client/protocol.ts';
import { isReplaced } from '../../client/replaced-message.ts';
import { createBoundedQueue } from '../../src/queue/bounded-queue.ts';

/** Messages on their way to one client, in order; of what the next one replaces, only the latest waits. */
export type Outbox = {
  readonly put: (message: ServerMessage) => void;
  /** Resolves when so few messages wait that more may come. */ readonly room: () => Promise<void>;
  /** Takes no more, and resolves when everything put has been handed over. */ readonly drained: () => Promise<void>;
};

/** Messages waiting from which on `room` waits. */
const CAPACITY = 64;

/** `send` resolves when there is room for the next; it never rejects, since a lost client is told of elsewhere. */
export function createOutbox(send: (text: string) => Promise<void>, onCoalesced: () => void): Outbox {
  const queue = createBoundedQueue<ServerMessage>({
    policy: 'supersede',
    isSuperseded: isReplaced,
    capacity: CAPACITY,
  });
  const pump = async (): Promise<void> => {
    for await (const message of queue) await send(JSON.stringify(message));
  };
  const sent = pump();
  return {
    put: (message) => {
      const { dropped } = queue.gauge;
      queue.put(message);
      if (queue.gauge.dropped > dropped) onCoalesced();
    },
    room: queue.room,
    drained: () => {
      queue.end();
      return sent;
    },
  };
}

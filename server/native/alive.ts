/** Says `alive` where nothing else is said, so that a client notices when the server, or the way to it, is gone. */
import type { AliveMessage } from '../../client/protocol.ts';
import type { Connection } from '../websockets.ts';

/** Seconds without another message after which the server sends `alive`. */
export const ALIVE_SECONDS = 2;

const ALIVE: AliveMessage = { type: 'alive' };

export type AliveSender = {
  /** Sends as the connection does. */ readonly send: (text: string) => Promise<void>;
  readonly stop: () => void;
};

/** Speaks from now on, whatever the server is busy with, and to whoever reads: what waits already shows as much. */
export function keepAlive({ send, bufferedBytes }: Pick<Connection, 'send' | 'bufferedBytes'>): AliveSender {
  const timer = setInterval(() => {
    if (bufferedBytes() === 0) void send(JSON.stringify(ALIVE));
  }, 1_000 * ALIVE_SECONDS);
  return {
    send: (text) => {
      timer.refresh();
      return send(text);
    },
    stop: () => clearInterval(timer),
  };
}

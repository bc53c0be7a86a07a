/** The link to a session: one connection after the other, each opened again as long as that is worth it, and kept alive. */
import { createBackoff } from './backoff.ts';
import { type Connection, openConnection } from './connection.ts';
import type { ClientMessage, ServerMessage } from './protocol.ts';
import type { WebSocketClass } from './web-socket.ts';

export type SessionLinkOptions = {
  readonly url: string;
  readonly WebSocket: WebSocketClass;
  /** Tries to come back, in a row. */ readonly tries: number;
  readonly apiKey: string | undefined;
  /** The first message of every connection. */ readonly opening: () => ClientMessage;
  readonly onMessage: (message: ServerMessage) => void;
  /** The connection was lost and will be opened again. */ readonly onLost: () => void;
  /** The connection was lost for good. */ readonly onEnd: (code: number, reason: string) => void;
};

/** What is sent while no connection is ready goes nowhere: it is the caller's to send again. */
export type SessionLink = {
  /** The server has answered the first message: from now on things may be sent. */ readonly ready: () => void;
  readonly send: (message: ClientMessage) => void;
  readonly sendAudio: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Bytes that have not left yet. */ readonly bufferedBytes: () => number;
  readonly close: () => void;
};

const KEEP_ALIVE_MS = 4_000;

export function openSessionLink(options: SessionLinkOptions): SessionLink {
  const { url, WebSocket, apiKey, tries, opening, onMessage, onLost, onEnd } = options;
  const backoff = createBackoff(tries, Math.random);
  let connection: Connection | undefined;
  let isReady = false;
  let lastSent = performance.now(); // a clock that nobody can set
  let retry: ReturnType<typeof setTimeout> | undefined;

  const open = (): void => {
    connection = openConnection(
      url,
      { WebSocket, apiKey },
      {
        onOpen: () => connection?.send(opening()),
        onMessage,
        onClose: ({ code, reason, retry: isWorthIt }) => {
          isReady = false;
          const wait = isWorthIt ? backoff.next() : undefined;
          if (wait === undefined) onEnd(code, reason);
          else {
            onLost();
            retry = setTimeout(open, wait);
          }
        },
      },
    );
  };
  const send = (message: ClientMessage): void => {
    if (isReady) connection?.send(message);
  };
  const keepAlive = setInterval(() => {
    if (performance.now() - lastSent >= KEEP_ALIVE_MS) send({ type: 'KeepAlive' });
  }, KEEP_ALIVE_MS);
  open();

  return {
    send,
    ready: () => {
      isReady = true;
      backoff.reset();
    },
    sendAudio: (bytes) => {
      lastSent = performance.now();
      if (isReady) connection?.sendAudio(bytes);
    },
    bufferedBytes: () => connection?.bufferedBytes() ?? 0,
    close: () => {
      clearInterval(keepAlive);
      clearTimeout(retry);
      connection?.close();
    },
  };
}

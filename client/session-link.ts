/** The link to a session: one connection after the other, each opened again as long as that is worth it, and kept alive. */
import { createBackoff } from './backoff.ts';
import { type ClientConnection, type ConnectionOptions, type ConnectionLoss, openConnection } from './connection.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import type { ClientMessage, ServerMessage } from './protocol.ts';
import { StreamError } from './stream-error.ts';
import { isWorthReconnecting } from './web-socket.ts';

export type SessionLinkOptions = ConnectionOptions & {
  readonly url: string;
  /** The most failed tries to come back, in a row. */ readonly tries: number;
  /** Makes the first message of a connection. */ readonly opening: () => ClientMessage;
  readonly onMessage: (message: ServerMessage) => void;
  /** Called when the connection was lost and will be opened again. */ readonly onLost: (reason: string) => void;
  /** Called when the connection was lost for good. */ readonly onEnd: (error: StreamError) => void;
};

/**
 * A connection that is opened again when it is lost. What is sent while none is ready is dropped: it is the caller's to
 * send again.
 */
export type SessionLink = {
  /** Tells the link that the server has answered the first message: from now on things may be sent. */
  readonly ready: () => void;
  readonly send: (message: ClientMessage) => void;
  readonly sendAudio: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Bytes given to `send` that have not left yet. */ readonly bufferedBytes: () => number;
  readonly close: () => void;
};

const KEEP_ALIVE_MS = 4_000;

/**
 * Tries before a connection has ever opened. A wrong address stays one; where the platform does not tell, it may be wrong; and who
 * hangs up twice does not want to be spoken to in this way.
 */
const FIRST_TRIES: Readonly<Record<HandshakeFailure['kind'], number>> = {
  unwelcome: 0,
  elsewhere: 0,
  'hung-up': 1,
  hidden: 2,
  unreachable: Infinity,
};

/** Opens a link to the server. Throws `client/url`. */
export function openSessionLink(options: SessionLinkOptions): SessionLink {
  const { url, tries, opening, onMessage, onLost, onEnd } = options;
  const backoff = createBackoff(Math.random);
  let connection: ClientConnection | undefined;
  let hasOpened = false;
  let isReady = false;
  let lastSent = performance.now(); // a clock that nobody can set
  let retry: ReturnType<typeof setTimeout> | undefined;

  /**
   * How many failed tries to allow after this loss. Once a server was there, every failure may pass but its own refusal
   * of this client.
   */
  const triesAfter = ({ code, handshake }: ConnectionLoss): number => {
    if (handshake === undefined) return isWorthReconnecting(code) ? tries : 0;
    return hasOpened && handshake.kind !== 'unwelcome' ? tries : Math.min(tries, FIRST_TRIES[handshake.kind]);
  };
  const lose = (loss: ConnectionLoss): void => {
    isReady = false;
    const wait = backoff.next(triesAfter(loss));
    if (wait === undefined) return onEnd(lossError(loss, hasOpened));
    onLost(loss.reason);
    retry = setTimeout(open, wait);
  };
  const open = (): void => {
    connection = openConnection(url, options, {
      onOpen: () => {
        hasOpened = true;
        connection?.send(opening());
      },
      onMessage,
      onLost: lose,
      onFault: onEnd,
    });
  };
  const send = (message: ClientMessage): void => {
    if (isReady) connection?.send(message);
  };
  open();
  const keepAlive = setInterval(() => {
    if (performance.now() - lastSent >= KEEP_ALIVE_MS) send({ type: 'KeepAlive' });
  }, KEEP_ALIVE_MS);

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

function lossError({ code, reason, handshake }: ConnectionLoss, hasOpened: boolean): StreamError {
  if (handshake === undefined) {
    return new StreamError('client/closed', `Expected the stream to go on, got close ${code} ${reason}`);
  }
  if (handshake.kind === 'unwelcome' || (!hasOpened && FIRST_TRIES[handshake.kind] < FIRST_TRIES.hidden)) {
    return new StreamError('client/refused', `Expected a hearken server to take the stream, got ${reason}`);
  }
  const got = reason || 'no connection';
  return hasOpened
    ? new StreamError('client/closed', `Expected the stream to go on, got ${got}`)
    : new StreamError('client/unreachable', `Expected a hearken server at the address, got ${got}`);
}

/** One WebSocket to a server, from its handshake to its end, which is noticed also where nobody tells of it. */
import { type HandshakeError, type HandshakeFailure, handshakeFailure } from './handshake-failure.ts';
import type { ClientMessage, ServerMessage } from './protocol.ts';
import { parseServerMessage } from './server-message.ts';
import { watchSilence } from './silence.ts';
import { StreamError } from './stream-error.ts';
import type { WebSocketClass, WebSocketLike } from './web-socket.ts';

export const SUBPROTOCOL = 'hearken.v1';
/**
 * Prefix of a key or token in the list of subprotocols: how browsers, which cannot set a WebSocket's headers, identify
 * themselves.
 */
export const API_KEY_SUBPROTOCOL = 'hearken-api-key.';

export type ClientConnection = {
  readonly send: (message: ClientMessage) => void;
  readonly sendAudio: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Bytes given to `send` that have not left yet. */ readonly bufferedBytes: () => number;
  readonly close: () => void;
};

export type ConnectionOptions = {
  readonly WebSocket: WebSocketClass;
  readonly apiKey?: string | undefined;
  /** Silence of the server, in milliseconds, after which the connection counts as lost. */
  readonly lostAfterMs: number;
};

export type ConnectionLoss = {
  /** Close code of the connection, 1006 where none came. */ readonly code: number;
  readonly reason: string;
  /** Why the handshake failed, where the connection never opened. */ readonly handshake?: HandshakeFailure | undefined;
};

export type ConnectionListener = {
  readonly onOpen: () => void;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onLost: (loss: ConnectionLoss) => void;
  /** Called when the server says what no hearken server does. */ readonly onFault: (error: StreamError) => void;
};

/** `readyState` of a WebSocket that takes what is sent. */
const OPEN = 1;

/** Milliseconds to wait for the other side's close before the socket is terminated. */
const CLOSING_MS = 2_000;

/** Milliseconds to wait for the close that should follow a failed handshake. */
const UNCLOSED_MS = 100;

/**
 * Opens a connection; one of `onLost` and `onFault` is called once, unless it is closed here, and nothing after it. Throws
 * `client/url`.
 */
export function openConnection(
  url: string,
  options: ConnectionOptions,
  listener: ConnectionListener,
): ClientConnection {
  const { lostAfterMs } = options;
  const socket = openSocket(url, options);
  let hasOpened = false;
  let isOver = false;
  let failure: HandshakeError = {};
  let closeTimer: ReturnType<typeof setTimeout> | undefined;

  const end = (): void => {
    isOver = true;
    silence.stop();
  };
  /** Forgets the socket: whatever becomes of it is not reported any more. */
  const drop = (): void => {
    if (isOver) return;
    end();
    socket.close(1000);
    if (socket.terminate !== undefined) closeTimer = setTimeout(() => socket.terminate?.(), CLOSING_MS);
  };
  const lose = (loss: ConnectionLoss): void => {
    drop();
    listener.onLost(loss);
  };
  const silence = watchSilence(lostAfterMs, (milliseconds) => {
    const reason = `no word from the server for ${milliseconds / 1_000} s`;
    lose({ code: 1006, reason, handshake: hasOpened ? undefined : { kind: 'unreachable', reason } });
  });
  const read = (data: unknown): ServerMessage | undefined => {
    try {
      return parseServerMessage(data);
    } catch (error) {
      drop();
      listener.onFault(error as StreamError); // it throws nothing else
      return undefined;
    }
  };
  // Properties, since of listeners the types of browsers, Node and `ws` have little in common.
  /* oxlint-disable unicorn/prefer-add-event-listener */
  socket.onopen = () => {
    if (isOver) return;
    silence.noteMessage();
    if (socket.protocol !== undefined && socket.protocol !== SUBPROTOCOL) {
      const reason = 'another protocol';
      lose({ code: 1006, reason, handshake: { kind: 'elsewhere', reason } });
      return;
    }
    hasOpened = true;
    listener.onOpen();
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (isOver) return;
    silence.noteMessage();
    const message = read(data);
    if (message === undefined) return;
    if (message.type === 'started' || (message.type === 'resumed' && message.recovered)) {
      silence.expect(message.aliveEverySeconds);
    }
    listener.onMessage(message);
  };
  const onClose = ({ code, reason }: { code: number; reason: string }): void => {
    clearTimeout(closeTimer);
    if (isOver) return;
    end();
    const handshake = hasOpened ? undefined : handshakeFailure(url, failure);
    listener.onLost({ code, reason: reason || (handshake?.reason ?? failure.message ?? ''), handshake });
  };
  socket.onclose = onClose;
  // Why a handshake failed only Node's classes tell, and only here.
  socket.onerror = ({ message, error }: { message?: string; error?: { code?: string } }) => {
    failure = { message, code: error?.code };
    // A close follows at once, but for Node's own class, which leaves it out where there was no connection.
    if (!hasOpened && !isOver) closeTimer = setTimeout(() => onClose({ code: 1006, reason: '' }), UNCLOSED_MS);
  };
  /* oxlint-enable unicorn/prefer-add-event-listener */
  // A connection can be closing before it says that it closed; what is not sent then goes with the next one.
  const send = (data: string | Uint8Array<ArrayBuffer>): void => {
    if (socket.readyState === OPEN) socket.send(data);
  };
  return {
    send: (message) => send(JSON.stringify(message)),
    sendAudio: send,
    bufferedBytes: () => socket.bufferedAmount,
    close: drop,
  };
}

function openSocket(url: string, { WebSocket, apiKey }: ConnectionOptions): WebSocketLike {
  const key = apiKey === undefined ? [] : [`${API_KEY_SUBPROTOCOL}${apiKey}`];
  try {
    const socket = new WebSocket(url, [SUBPROTOCOL, ...key]);
    socket.binaryType = 'arraybuffer';
    return socket;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StreamError('client/url', `Expected an address that a WebSocket can be opened to, got: ${reason}`);
  }
}

/** WebSockets with bounds on everything that a client controls. The only file that knows `ws`. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { type RawData, type WebSocket, WebSocketServer } from 'ws';

import { createBoundedQueue } from '../src/queue/bounded-queue.ts';
import { type Failure, writeFailure } from './http/failure.ts';
import type { UpgradeHandler } from './upgrades.ts';

/** The most bytes in a message; one more closes 1009, as vosk-server does. */
const MAXIMUM_MESSAGE_BYTES = 1024 * 1024;
/** Frames of one message, and pieces of the receiver's buffer: bounds what tiny frames pin (CVE-2026-48779). */
const MAXIMUM_FRAGMENTS = 256;
const MAXIMUM_BUFFERED_CHUNKS = 1024;
/** Bytes received and not yet taken from which on reading is paused; a piece of 64 KiB may have been read already. */
const INBOX_HIGH_MARK = MAXIMUM_MESSAGE_BYTES;
/** Counted for each message beside its bytes: an empty one takes room too. */
const MESSAGE_BYTES = 64;
/** Bytes not yet sent from which on `send` waits. */
const OUTBOX_HIGH_MARK = 256 * 1024;
/** Milliseconds that the other side may take to answer a close. */
const CLOSE_TIMEOUT_MS = 5_000;

/** Close codes that we send or that say how a connection ended. */
export const CLOSE = {
  done: 1000,
  protocol: 1002,
  badData: 1007,
  policy: 1008,
  tooBig: 1009,
  failure: 1011,
  restart: 1012,
  slowReader: 4008,
  overLimit: 4029,
} as const;

/**
 * Close codes by the codes of errors after which `ws` cannot go on receiving; every other such error is one of the
 * protocol.
 */
const RECEIVER_CODES: ReadonlyMap<string, number> = new Map([
  ['WS_ERR_INVALID_UTF8', CLOSE.badData],
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', CLOSE.tooBig],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', CLOSE.policy],
]);

export type SocketMessage =
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  | { readonly type: 'text'; readonly text: string };

/** Why the server ends a connection: it restarts, or the client may not stay. */
export type DrainReason = 'restart' | 'revoked';

export type Connection = {
  /** Path that the client asked for, for example `/codes-en`. */ readonly path: string;
  /** Headers of the handshake. */ readonly headers: IncomingHttpHeaders;
  /** Ends when the connection does, or after `drain`. Pulling slowly slows the client down. */
  readonly messages: AsyncIterable<SocketMessage>;
  /** Sends a message; resolves when there is room for more. A client that does not read is closed with 4008. */
  readonly send: (text: string) => Promise<void>;
  /** `reason` is cut to the 123 bytes that a close frame holds. */
  readonly close: (code: number, reason: string) => void;
  /** Reads no more; messages received so far can still be taken, then whoever serves the connection closes it. */
  readonly drain: (why: DrainReason) => void;
  /** The first reason for which the connection was drained, if it was. */
  readonly drainReason: () => DrainReason | undefined;
  /** Bytes that wait to be sent. */ readonly bufferedBytes: () => number;
  /** Resolves to the code that the connection ended with: ours where we closed, else the other side's. */
  readonly closed: Promise<number>;
  /** Seconds in which the client was not read. */ readonly pausedSeconds: () => number;
};

export type WebSocketOptions = {
  /** Subprotocols to agree to, where a client asks for one of them. */ readonly subprotocols: readonly string[];
  /** Lets a handshake in, or says how it is refused; never rejects. */
  readonly admit: (request: IncomingMessage) => Promise<Admitted | Failure>;
  /**
   * Milliseconds between pings; a peer that sends nothing, not even the answer to a ping, for one to two of these is
   * gone. Default 30,000.
   */
  readonly heartbeatMs?: number;
  /** Milliseconds for which a full outbox may stay full. Default 30,000. */ readonly slowReaderMs?: number;
};

/** A place for a connection; one of the two functions is called, once. */
export type Admitted = {
  readonly onConnection: (connection: Connection) => void;
  /** Called where the handshake came to nothing. */ readonly onFailure: () => void;
};

export type WebSocketEndpoint = {
  readonly handleUpgrade: UpgradeHandler;
  /** Ends the connections that are still open, at once. */ readonly terminate: () => void;
};

type Timeouts = { readonly heartbeatMs: number; readonly slowReaderMs: number };

/** Takes handshakes that `routeUpgrades` hands on. */
export function acceptWebSockets(options: WebSocketOptions): WebSocketEndpoint {
  const { subprotocols, admit, heartbeatMs = 30_000, slowReaderMs = 30_000 } = options;
  const timeouts = { heartbeatMs, slowReaderMs };
  // These options are newer than the type declarations of `ws`.
  const bounds: object = {
    maxFragments: MAXIMUM_FRAGMENTS,
    maxBufferedChunks: MAXIMUM_BUFFERED_CHUNKS,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  const sockets = new WebSocketServer({
    ...bounds,
    noServer: true,
    maxPayload: MAXIMUM_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
  });
  const shakeHands: UpgradeHandler = async (request, socket, head) => {
    const destroy = (): void => void socket.destroy();
    socket.on('error', destroy); // the peer may be gone before it is known who it is
    const admitted = await admit(request);
    if ('status' in admitted) return writeFailure(socket, admitted);
    let isOpen = false;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      isOpen = true;
      socket.off('error', destroy);
      admitted.onConnection(connectionOf(webSocket, request, timeouts));
    });
    if (!isOpen) admitted.onFailure(); // it opens within the call or not at all
  };
  return {
    handleUpgrade: shakeHands,
    terminate: () => {
      for (const webSocket of sockets.clients) webSocket.terminate();
    },
  };
}

function connectionOf(webSocket: WebSocket, request: IncomingMessage, timeouts: Timeouts): Connection {
  let closeCode: number | undefined; // ours
  let drainReason: DrainReason | undefined;
  const pauses = countPauses();
  const inbox = createBoundedQueue<SocketMessage>({
    policy: 'block',
    capacity: INBOX_HIGH_MARK,
    sizeOf: (message) => MESSAGE_BYTES + (message.type === 'binary' ? message.bytes : message.text).length,
    valve: {
      pauseAt: INBOX_HIGH_MARK,
      resumeAt: INBOX_HIGH_MARK / 2,
      pause: () => {
        pauses.begin();
        webSocket.pause();
      },
      resume: () => {
        pauses.end();
        webSocket.resume();
      },
    },
  });
  const close = (code: number, reason: string): void => {
    closeCode ??= code;
    inbox.close(); // which goes on reading, or the peer's answer would not be read
    webSocket.close(code, cutReason(reason));
  };
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer; // what `ws` gives unless asked for another type
    inbox.put(isBinary ? { type: 'binary', bytes } : { type: 'text', text: bytes.toString() });
  });
  webSocket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith('WS_ERR_')) closeCode ??= RECEIVER_CODES.get(error.code) ?? CLOSE.protocol; // sent by `ws`
  });
  const stopHeartbeat = startHeartbeat(webSocket, timeouts.heartbeatMs, pauses.isPaused);
  const closed = new Promise<number>((resolve) => {
    webSocket.once('close', (code: number) => {
      stopHeartbeat();
      inbox.close();
      resolve(closeCode ?? code);
    });
  });
  const abandon = (): void => {
    close(CLOSE.slowReader, 'reads too slowly');
    webSocket.terminate();
  };

  return {
    path: request.url ?? '/',
    headers: request.headers,
    messages: inbox,
    close,
    closed,
    drain: (why) => {
      drainReason ??= why;
      inbox.end();
    },
    drainReason: () => drainReason,
    bufferedBytes: () => webSocket.bufferedAmount,
    pausedSeconds: pauses.seconds,
    send: (text) => sendWithin(webSocket, text, timeouts.slowReaderMs, abandon),
  };
}

/** Cuts off a peer that sends nothing at all, unless it is we who do not read. The returned function ends it. */
function startHeartbeat(webSocket: WebSocket, everyMs: number, isPaused: () => boolean): () => void {
  let isAlive = true;
  const live = (): void => {
    isAlive = true;
  };
  webSocket.on('pong', live).on('ping', live).on('message', live);
  const timer = setInterval(() => {
    if (!isAlive && !isPaused()) webSocket.terminate();
    isAlive = false;
    webSocket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}

/**
 * Sends `text`. Resolves at once while the outbox is not full, else when the text has left; calls `abandon` where that
 * takes too long.
 */
function sendWithin(webSocket: WebSocket, text: string, timeoutMs: number, abandon: () => void): Promise<void> {
  return new Promise((resolve) => {
    const mustWait = webSocket.bufferedAmount + text.length > OUTBOX_HIGH_MARK;
    const timer = mustWait ? setTimeout(abandon, timeoutMs) : undefined;
    webSocket.send(text, () => {
      clearTimeout(timer);
      resolve(); // also where the connection has ended: `closed` tells
    });
    if (!mustWait) resolve();
  });
}

/** The whole characters that fit into a close frame. */
function cutReason(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/u, '');
}

function countPauses(): { begin: () => void; end: () => void; isPaused: () => boolean; seconds: () => number } {
  let since: number | undefined;
  let total = 0; // milliseconds of pauses that have ended
  const current = (): number => (since === undefined ? 0 : performance.now() - since);
  return {
    begin: () => {
      since = performance.now();
    },
    end: () => {
      total += current();
      since = undefined;
    },
    isPaused: () => since !== undefined,
    seconds: () => (total + current()) / 1000,
  };
}

/** WebSocket class for clients in Node 20, which has none of its own. */
export { WebSocket } from 'ws';

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClientOptions, WebSocket } from 'ws';

/** A client that keeps what it is told until it is asked for. */
export type SocketClient = {
  readonly socket: WebSocket;
  readonly send: (message: string | Uint8Array) => void;
  /** The next reply. Rejects where the connection ends before. */ readonly reply: () => Promise<string>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Replies that nobody asked for yet. */ readonly unread: () => number;
};

export async function connectSocket(
  url: string,
  protocols: readonly string[] = [],
  options: ClientOptions = {},
): Promise<SocketClient> {
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, ...options });
  const replies: string[] = [];
  let isClosed = false;
  let wake = (): void => {};
  socket.on('message', (data) => {
    replies.push((data as Buffer).toString()); // what `ws` gives unless asked for another type
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      isClosed = true;
      wake();
      resolve({ code, reason: reason.toString() });
    });
  });
  await once(socket, 'open');
  return {
    socket,
    send: (message) => socket.send(message),
    closed,
    unread: () => replies.length,
    reply: async () => {
      for (;;) {
        const reply = replies.shift();
        if (reply !== undefined) return reply;
        if (isClosed) throw new Error('Expected a reply, got the end of the connection');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** A socket behind a handshake, on which anything can be written. */
export async function rawConnection(port: number): Promise<Duplex> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
  };
  const asked = request({ host: '127.0.0.1', port, headers }).end();
  const [, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Duplex]; // as `node:http` declares it
  socket.on('error', () => {}).resume();
  return socket;
}

/** The HTTP answer to a handshake that is refused. */
export async function refusedHandshake(
  url: string,
  protocols: readonly string[] = [],
  options: ClientOptions = {},
): Promise<IncomingMessage> {
  const socket = new WebSocket(url, [...protocols], options);
  socket.on('error', () => {});
  // The second argument of the event is the response.
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  response.resume();
  return response;
}

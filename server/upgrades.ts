/** WebSocket handshakes of an HTTP server, each handed to whoever speaks at its address; elsewhere they get 404. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { ignoreUpgrade, isWebSocketUpgrade } from './ignored-upgrades.ts';

/** Never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

export type UpgradeRefusal = {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type UpgradeRoute = {
  /** Whether it speaks at this address, which has no query. */ readonly isAt: (path: string) => boolean;
  readonly handleUpgrade: UpgradeHandler;
};

/** The first route that speaks at an address gets its handshakes. To be called before `server` gets requests. */
export function routeUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  const newest = new WeakMap<Duplex, ServerResponse>(); // of each connection; responses end in the order of their requests
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => newest.set(socket, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const destroy = (): void => void socket.destroy();
    socket.on('error', destroy);
    const goOn = (): void => {
      socket.off('error', destroy);
      if (socket.destroyed || socket.writableEnded) return;
      if (isWebSocketUpgrade(request)) shakeHands(routes, request, socket, head);
      else ignoreUpgrade(server, request, socket, head);
    };
    const before = newest.get(socket);
    if (before === undefined || before.closed) goOn();
    else before.once('close', goOn); // what was asked before is answered before
  });
}

function shakeHands(routes: readonly UpgradeRoute[], ...[request, socket, head]: Parameters<UpgradeHandler>): void {
  const [path = '/'] = (request.url ?? '/').split('?', 1); // `URL` throws on some of what clients send
  const route = routes.find(({ isAt }) => isAt(path));
  if (route === undefined) refuseUpgrade(socket, { status: 404, message: 'Expected the address of a protocol' });
  else void route.handleUpgrade(request, socket, head);
}

/** Answers a handshake with a status of HTTP, headers, and a line that says why. */
export function refuseUpgrade(socket: Duplex, { status, message, headers = {} }: UpgradeRefusal): void {
  const body = `${message}\n`;
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

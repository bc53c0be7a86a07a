/** WebSocket handshakes of an HTTP server, each handed to whoever speaks at its address; elsewhere they get 404. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

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

/** The first route that speaks at an address gets its handshakes. */
export function routeUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1); // `URL` throws on some of what clients send
    const route = routes.find(({ isAt }) => isAt(path));
    if (route === undefined) refuseUpgrade(socket, { status: 404, message: 'Expected the address of a protocol' });
    else void route.handleUpgrade(request, socket, head);
  });
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

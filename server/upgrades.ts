/** WebSocket handshakes of an HTTP server, each handed to whoever speaks at its address; elsewhere they get 404. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export type UpgradeRoute = {
  /** Whether it speaks at this address, which has no query. */ readonly isAt: (path: string) => boolean;
  readonly handleUpgrade: UpgradeHandler;
};

/** The first route that speaks at an address gets its handshakes. */
export function routeUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1); // `URL` throws on some of what clients send
    const route = routes.find(({ isAt }) => isAt(path));
    if (route === undefined) refuseUpgrade(socket, '404 Not Found');
    else route.handleUpgrade(request, socket, head);
  });
}

/** Answers a handshake with a status, for example `404 Not Found`, and whole lines of headers, each ended by `\r\n`. */
export function refuseUpgrade(socket: Duplex, status: string, headers = ''): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

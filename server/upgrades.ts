/** WebSocket handshakes of an HTTP server, each handed to whoever speaks at its address; elsewhere they get 404. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { hostFault } from './client-errors.ts';
import { type Failure, writeFailure } from './http/failure.ts';
import { ignoreUpgrade, isWebSocketUpgrade } from './ignored-upgrades.ts';
import { openResponse } from './responses.ts';

/** Handles the request for an upgrade; never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

export type UpgradeRoute = {
  /** Whether it speaks at this address, which has no query. */ readonly isAt: (path: string) => boolean;
  readonly handleUpgrade: UpgradeHandler;
};

const NO_PROTOCOL: Failure = {
  status: 404,
  code: 'request/path',
  message: 'Expected the address of a protocol, got another',
};

/** The first route that speaks at an address gets its handshakes. For servers of `createHttpServer`. */
export function routeUpgrades(server: Server, routes: readonly UpgradeRoute[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const destroy = (): void => void socket.destroy();
    socket.on('error', destroy);
    const goOn = (): void => {
      socket.off('error', destroy);
      if (socket.destroyed || socket.writableEnded) return;
      if (isWebSocketUpgrade(request)) shakeHands(routes, request, socket, head);
      else ignoreUpgrade(server, request, socket, head);
    };
    const before = openResponse(socket);
    if (before === undefined) goOn();
    else before.once('close', goOn); // what was asked before is answered before
  });
}

function shakeHands(routes: readonly UpgradeRoute[], ...[request, socket, head]: Parameters<UpgradeHandler>): void {
  const [path = '/'] = (request.url ?? '/').split('?', 1); // `URL` throws on some of what clients send
  const route = routes.find(({ isAt }) => isAt(path));
  const failure: Failure | undefined = hostFault(request) ?? (route === undefined ? NO_PROTOCOL : undefined);
  if (failure !== undefined) writeFailure(socket, failure);
  else void route?.handleUpgrade(request, socket, head);
}

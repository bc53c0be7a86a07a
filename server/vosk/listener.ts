/** The port of the vosk-server protocol. */
import type { RequestListener, Server } from 'node:http';

import { type Failure, respondFailure } from '../http/failure.ts';
import { serveProtocol } from '../serve-protocol.ts';
import { openSocketService, type SharedServices, type SocketService } from '../socket-service.ts';
import { routeUpgrades } from '../upgrades.ts';
import { openVosk } from './protocol.ts';

export type VoskListener = SocketService & { /** Does not listen yet. */ readonly server: Server };

/** Asterisk asks for this subprotocol. */
const SUBPROTOCOLS = ['ws'];

const NO_HANDSHAKE: Failure = {
  status: 426,
  code: 'request/upgrade',
  message: 'Expected a WebSocket handshake (the protocol of vosk-server), got another request',
  headers: { connection: 'upgrade, close', upgrade: 'websocket' },
};

/** `createServer` makes the server of its port. */
export function createVoskListener(
  shared: SharedServices,
  createServer: (handler: RequestListener) => Server,
): VoskListener {
  const server = createServer((_request, response) => respondFailure(response, NO_HANDSHAKE));
  const service = openSocketService({
    ...shared,
    protocol: 'vosk',
    subprotocols: SUBPROTOCOLS,
    isAt: () => true,
    serve: (connection, served) => serveProtocol(connection, openVosk(connection.path), served),
  });
  routeUpgrades(server, [service]);
  return { server, ...service };
}

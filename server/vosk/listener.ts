/** The port of the vosk-server protocol. */
import type { RequestListener, Server } from 'node:http';

import type { Logger } from 'pino';

import type { Admission } from '../access/admission.ts';
import type { EngineClient } from '../engine/client.ts';
import { type Failure, respondFailure } from '../http/failure.ts';
import type { ServerMetrics } from '../metrics.ts';
import { serveProtocol } from '../serve-protocol.ts';
import { openSocketService, type SocketService } from '../socket-service.ts';
import type { ServerTracing } from '../tracing/stream-trace.ts';
import { routeUpgrades } from '../upgrades.ts';
import { openVosk } from './protocol.ts';

export type VoskListenerOptions = {
  readonly engine: EngineClient;
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly tracing: ServerTracing;
  /** Makes the server of its port. */ readonly createServer: (handler: RequestListener) => Server;
  readonly log: Logger;
};

export type VoskListener = SocketService & { /** Does not listen yet. */ readonly server: Server };

/** Asterisk asks for this subprotocol. */
const SUBPROTOCOLS = ['ws'];

const NO_HANDSHAKE: Failure = {
  status: 426,
  code: 'request/upgrade',
  message: 'Expected a WebSocket handshake (the protocol of vosk-server), got another request',
  headers: { connection: 'upgrade, close', upgrade: 'websocket' },
};

export function createVoskListener({
  engine,
  admission,
  metrics,
  tracing,
  createServer,
  log,
}: VoskListenerOptions): VoskListener {
  const server = createServer((_request, response) => respondFailure(response, NO_HANDSHAKE));
  const service = openSocketService({
    protocol: 'vosk',
    subprotocols: SUBPROTOCOLS,
    isAt: () => true,
    engine,
    admission,
    metrics,
    tracing,
    log,
    serve: (connection, served) => serveProtocol(connection, openVosk(connection.path), served),
  });
  routeUpgrades(server, [service]);
  return { server, ...service };
}

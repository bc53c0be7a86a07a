/** The port of the vosk-server protocol. */
import { createServer, type Server } from 'node:http';

import type { Logger } from 'pino';

import type { Hearing } from '../engine/hearing.ts';
import type { Gate } from '../gate.ts';
import type { ServerMetrics } from '../metrics.ts';
import { openSocketService, type SocketService } from '../socket-service.ts';
import { routeUpgrades } from '../upgrades.ts';
import { serveVosk } from './session.ts';

export type VoskListenerOptions = {
  readonly hearing: Hearing;
  readonly gate: Gate;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
};

export type VoskListener = SocketService & { /** Does not listen yet. */ readonly server: Server };

/** Asterisk asks for this subprotocol. */
const SUBPROTOCOLS = ['ws'];

export function createVoskListener({ hearing, gate, metrics, log }: VoskListenerOptions): VoskListener {
  const server = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('Expected a WebSocket handshake (the protocol of vosk-server)\n');
  });
  const service = openSocketService({
    protocol: 'vosk',
    subprotocols: SUBPROTOCOLS,
    isAt: () => true,
    gate,
    metrics,
    log,
    serve: (connection, stream) => serveVosk({ connection, hearing, metrics: stream }),
  });
  routeUpgrades(server, [service]);
  return { server, ...service };
}

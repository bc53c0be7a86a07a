/** The transcription sessions of OpenAI's Realtime protocol, for the HTTP port. */
import type { Logger } from 'pino';

import type { Hearing } from '../engine/hearing.ts';
import type { Gate } from '../gate.ts';
import type { ServerMetrics } from '../metrics.ts';
import { openSocketService, type SocketService } from '../socket-service.ts';
import { REALTIME_PATH, SUBPROTOCOL } from './handshake.ts';
import { serveRealtime } from './session.ts';

export type RealtimeListenerOptions = {
  readonly hearing: Hearing;
  readonly gate: Gate;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
};

export function createRealtimeListener({ hearing, gate, metrics, log }: RealtimeListenerOptions): SocketService {
  return openSocketService({
    protocol: 'realtime',
    subprotocols: [SUBPROTOCOL],
    isAt: (path) => path === REALTIME_PATH,
    gate,
    metrics,
    log,
    serve: (connection, stream) => serveRealtime({ connection, hearing, metrics: stream }),
  });
}

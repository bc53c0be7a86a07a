/** The transcription sessions of OpenAI's Realtime protocol, for the HTTP port. */
import type { Logger } from 'pino';

import type { Admission } from '../access/admission.ts';
import type { EngineClient } from '../engine/client.ts';
import type { ServerMetrics } from '../metrics.ts';
import { serveProtocol } from '../serve-protocol.ts';
import { openSocketService, type SocketService } from '../socket-service.ts';
import type { ServerTracing } from '../tracing/stream-trace.ts';
import { REALTIME_PATH, SUBPROTOCOL } from './handshake.ts';
import { openRealtime } from './protocol.ts';

export type RealtimeListenerOptions = {
  readonly engine: EngineClient;
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly tracing: ServerTracing;
  readonly log: Logger;
};

export function createRealtimeListener({
  engine,
  admission,
  metrics,
  tracing,
  log,
}: RealtimeListenerOptions): SocketService {
  return openSocketService({
    protocol: 'realtime',
    subprotocols: [SUBPROTOCOL],
    isAt: (path) => path === REALTIME_PATH,
    engine,
    admission,
    metrics,
    tracing,
    log,
    serve: (connection, served) => serveProtocol(connection, openRealtime(connection, engine.models), served),
  });
}

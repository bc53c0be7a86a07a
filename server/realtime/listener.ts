/** The transcription sessions of OpenAI's Realtime protocol, for the HTTP port. */
import { serveProtocol } from '../serve-protocol.ts';
import { openSocketService, type SharedServices, type SocketService } from '../socket-service.ts';
import { REALTIME_PATH, SUBPROTOCOL } from './handshake.ts';
import { openRealtime } from './protocol.ts';

export function createRealtimeListener(shared: SharedServices): SocketService {
  return openSocketService({
    ...shared,
    protocol: 'realtime',
    subprotocols: [SUBPROTOCOL],
    isAt: (path) => path === REALTIME_PATH,
    serve: (connection, served) => serveProtocol(connection, openRealtime(connection, shared.engine.models), served),
  });
}

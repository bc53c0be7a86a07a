/** The port of the vosk-server protocol. */
import { createServer, type Server } from 'node:http';

import type { Logger } from 'pino';

import type { Hearing } from '../engine/hearing.ts';
import { type Gate, RETRY_AFTER_SECONDS } from '../gate.ts';
import type { ServerMetrics } from '../metrics.ts';
import { acceptWebSockets, type Connection } from '../websockets.ts';
import { serveVosk } from './session.ts';

export type VoskListenerOptions = {
  readonly hearing: Hearing;
  readonly gate: Gate;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
};

export type VoskListener = {
  /** Does not listen yet. */ readonly server: Server;
  /** Bytes waiting to be sent to all clients. */ readonly bufferedBytes: () => number;
  /** Answers what was received, then closes every connection with 1012. */ readonly drain: () => void;
  /** Cuts off who is still connected. */ readonly cutOff: () => void;
};

/** Asterisk asks for this subprotocol. */
const SUBPROTOCOLS = ['ws'];

export function createVoskListener({ hearing, gate, metrics, log }: VoskListenerOptions): VoskListener {
  const connections = new Set<Connection>();
  let lastConnection = 0;
  const server = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('Expected a WebSocket handshake (the protocol of vosk-server)\n');
  });

  const serve = async (connection: Connection, leave: () => void): Promise<void> => {
    const child = log.child({ connection: ++lastConnection, protocol: 'vosk' });
    const started = performance.now();
    metrics.connected('vosk');
    child.info('connected');
    const refusal = await serveVosk({ connection, hearing, metrics: metrics.openStream() });
    const code = await connection.closed;
    leave();
    metrics.disconnected(code, connection.pausedSeconds());
    const seconds = Math.round(performance.now() - started) / 1000;
    child.info({ code, seconds, ...(refusal && { refused: refusal.code }) }, 'closed');
  };
  const cutOff = acceptWebSockets(server, {
    subprotocols: SUBPROTOCOLS,
    admit: () => {
      const refusal = gate.refusal();
      if (refusal === undefined) return undefined;
      metrics.rejected(refusal);
      return `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_SECONDS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    },
    onConnection: (connection) => {
      connections.add(connection);
      void serve(connection, gate.enter()).finally(() => connections.delete(connection));
    },
  });

  return {
    server,
    cutOff,
    bufferedBytes: () => [...connections].reduce((sum, each) => sum + each.bufferedBytes(), 0),
    drain: () => {
      for (const connection of connections) connection.stopReading();
    },
  };
}

/** A protocol over WebSockets: who comes in, is counted, logged, drained and cut off. */
import type { Logger } from 'pino';

import type { HearkenError } from '../src/errors.ts';
import { type Gate, RETRY_AFTER_SECONDS } from './gate.ts';
import type { ServerMetrics, StreamMetrics } from './metrics.ts';
import type { UpgradeRoute } from './upgrades.ts';
import { acceptWebSockets, type Connection } from './websockets.ts';

export type SocketServiceOptions = {
  /** Name in logs and metrics. */ readonly protocol: string;
  readonly subprotocols: readonly string[];
  readonly isAt: UpgradeRoute['isAt'];
  readonly gate: Gate;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
  /** Serves a client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
  readonly serve: (connection: Connection, metrics: StreamMetrics) => Promise<HearkenError | undefined>;
};

/** For `routeUpgrades`. */
export type SocketService = UpgradeRoute & {
  /** Bytes waiting to be sent to all clients. */ readonly bufferedBytes: () => number;
  /** Reads no more from anybody: what was received is answered, and the connections end. */ readonly drain: () => void;
  /** Cuts off who is still connected. */ readonly cutOff: () => void;
};

export function openSocketService(options: SocketServiceOptions): SocketService {
  const { protocol, subprotocols, isAt, gate, metrics, log } = options;
  const connections = new Set<Connection>();
  let lastConnection = 0;

  const serve = async (connection: Connection, leave: () => void): Promise<void> => {
    const child = log.child({ connection: ++lastConnection, protocol });
    const started = performance.now();
    const disconnect = metrics.connected(protocol);
    child.info('connected');
    const refusal = await options.serve(connection, metrics.openStream());
    const code = await connection.closed;
    leave();
    disconnect();
    metrics.disconnected(code, connection.pausedSeconds());
    const seconds = Math.round(performance.now() - started) / 1000;
    child.info({ code, seconds, ...(refusal && { refused: refusal.code }) }, 'closed');
  };
  const { handleUpgrade, cutOff } = acceptWebSockets({
    subprotocols,
    admit: () => {
      const refusal = gate.refusal();
      if (refusal === undefined) return undefined;
      metrics.rejected(refusal);
      return { status: '503 Service Unavailable', headers: `Retry-After: ${RETRY_AFTER_SECONDS}\r\n` };
    },
    onConnection: (connection) => {
      connections.add(connection);
      void serve(connection, gate.enter()).finally(() => connections.delete(connection));
    },
  });

  return {
    isAt,
    handleUpgrade,
    cutOff,
    bufferedBytes: () => [...connections].reduce((sum, each) => sum + each.bufferedBytes(), 0),
    drain: () => {
      for (const connection of connections) connection.stopReading();
    },
  };
}

/** A protocol over WebSockets: who comes in, is counted, logged, drained and cut off. */
import type { Logger } from 'pino';

import { HearkenError } from '../src/errors.ts';
import type { Admission, Client } from './access/admission.ts';
import { audioLimit } from './access/audio-limit.ts';
import { Refusal } from './access/refusal.ts';
import type { Failure } from './http/failure.ts';
import { createIgnoredSettings, type IgnoredSettings } from './ignored-settings.ts';
import type { EngineClient } from './engine/client.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServerTracing, StreamTrace } from './tracing/stream-trace.ts';
import type { UpgradeRoute } from './upgrades.ts';
import { watchedEngine } from './watched-engine.ts';
import { acceptWebSockets, type Connection, type Admitted } from './websockets.ts';

/** What all protocols of a server share. */
export type SharedServices = {
  readonly engine: EngineClient;
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly tracing: ServerTracing;
  readonly log: Logger;
};

export type SocketServiceOptions = SharedServices & {
  /** Name in logs and metrics. */ readonly protocol: string;
  readonly subprotocols: readonly string[];
  readonly isAt: UpgradeRoute['isAt'];
  /** Serves a client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
  readonly serve: (connection: Connection, served: ConnectionContext) => Promise<HearkenError | undefined>;
};

/** The client of a connection, its metrics and its trace. */
export type ConnectionContext = {
  readonly client: Client;
  /** The engine, whose streams are limited, counted and traced for this connection. */ readonly engine: EngineClient;
  readonly trace: StreamTrace;
  /** Logs the names of settings that the client has set in vain. */ readonly ignored: IgnoredSettings;
};

/** A protocol over WebSockets, as `routeUpgrades` takes it. */
export type SocketService = UpgradeRoute & {
  /** Bytes that wait to be sent to all clients. */ readonly bufferedBytes: () => number;
  /** Reads no more from any client: what was received is answered, and the connections end. */
  readonly drain: () => void;
  /** Drains the connections of clients whose keys or tokens are not valid any more. */
  readonly drainRevoked: () => Promise<void>;
  /** Ends the connections that are still open, at once. */ readonly terminate: () => void;
};

export function openSocketService(options: SocketServiceOptions): SocketService {
  const { protocol, subprotocols, isAt, engine, admission, metrics, tracing, log } = options;
  const connections = new Map<Connection, { readonly since: Date; readonly trace: StreamTrace }>();
  let lastConnection = 0;

  const serve = async (connection: Connection, client: Client, trace: StreamTrace): Promise<void> => {
    const child = log.child({
      connection: ++lastConnection,
      protocol,
      ...(client.name !== undefined && { key: client.name }),
    });
    const started = performance.now();
    const disconnect = metrics.connected(protocol);
    child.info('connected');
    const ignored = createIgnoredSettings(child);
    const watched = watchedEngine(engine, [audioLimit(client.audio), metrics.openStream().watch, trace.watch]);
    const refusal = await options.serve(connection, { client, engine: watched, trace, ignored });
    if (refusal !== undefined) trace.fail(refusal.code);
    const code = await connection.closed;
    client.leave();
    disconnect();
    metrics.disconnected(code, connection.pausedSeconds());
    trace.set({ 'hearken.close.code': code });
    trace.end();
    const seconds = Math.round(performance.now() - started) / 1000;
    child.info({ code, seconds, ...(refusal && { refused: refusal.code }) }, 'closed');
  };
  const { handleUpgrade, terminate } = acceptWebSockets({
    subprotocols,
    admit: async ({ headers }): Promise<Admitted | Failure> => {
      const trace = tracing.beginStream(protocol, headers);
      try {
        admission.assertKnownHost(headers);
        const client = admission.enter(await admission.identify(headers));
        return {
          onFailure: () => {
            client.leave();
            trace.fail('protocol/handshake');
            trace.end();
          },
          onConnection: (connection) => {
            connections.set(connection, { since: new Date(), trace });
            void serve(connection, client, trace).finally(() => connections.delete(connection));
          },
        };
      } catch (error) {
        const code = error instanceof HearkenError ? error.code : 'access/failed';
        const status = error instanceof Refusal ? error.status : 500;
        trace.set({ 'http.response.status_code': status });
        trace.fail(code);
        trace.end();
        if (error instanceof Refusal) return error;
        log.error({ code }, 'a handshake failed');
        return { status, code: 'server/failed', message: 'Expected to answer, got a failure of the server' };
      }
    },
  });

  return {
    isAt,
    handleUpgrade,
    terminate,
    bufferedBytes: () => [...connections.keys()].reduce((sum, each) => sum + each.bufferedBytes(), 0),
    drain: () => {
      for (const [connection, { trace }] of connections) {
        trace.event('hearken.draining');
        connection.drain('restart');
      }
    },
    drainRevoked: async () => {
      const all = [...connections].map(async ([connection, { since }]) => {
        if (!(await admission.mayStay(connection.headers, since))) connection.drain('revoked');
      });
      await Promise.all(all);
    },
  };
}

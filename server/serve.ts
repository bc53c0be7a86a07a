/** The whole server: an engine's thread, the port of the vosk-server protocol, and the HTTP port. */
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from 'pino';

import type { StreamingDevice } from '../src/backend/model-executor.ts';
import type { ErrorCode } from '../src/error-codes.ts';
import { assertInteger, HearkenError } from '../src/errors.ts';
import { type AccessOptions, createAdmission } from './access/admission.ts';
import { startEngine } from './engine/client.ts';
import type { ModelSource } from './engine/protocol.ts';
import { createConnectionLimiter } from './connection-limiter.ts';
import { createApp } from './http/app.ts';
import { createMetrics } from './metrics.ts';
import { createReload } from './reload-models.ts';
import { createNativeListener } from './native/listener.ts';
import { createRealtimeListener } from './realtime/listener.ts';
import { type Certificate, createHttpServer, type HttpServer } from './http-server.ts';
import type { SessionStore } from './sessions/session-store.ts';
import { createServerTracing } from './tracing/stream-trace.ts';
import { routeUpgrades } from './upgrades.ts';
import { createVoskListener } from './vosk/listener.ts';

export type ServeOptions = {
  /** Models to load; the first is the one that clients get who name none. */ readonly models: readonly ModelSource[];
  readonly host: string;
  /** Port of the HTTP server; 0 takes a free one. */ readonly port: number;
  /** Port of the vosk-server protocol; 0 takes a free one. Without it that protocol is not spoken. */
  readonly voskPort?: number | undefined;
  /** The most clients at once, 1..100,000; more are refused with 503. */ readonly maximumStreams: number;
  /** Store of the sessions of native streams, for clients that come back. */ readonly store: SessionStore;
  /** The most streams that are computed in one call, 1..1024. Default 64. */ readonly maximumBatch?: number;
  /** What computes the models; default `cpu`, of token models that were not exported `tfjs`. */
  readonly device?: StreamingDevice | undefined;
  /** Folder of the built console, served at `/`; without it there is no console. */
  readonly console?: string | undefined;
  /** Who is admitted. Default: every program of the machine, and pages of this server. */
  readonly access?: AccessOptions;
  /** Certificate for TLS, of version 1.2 at least, on both ports. */ readonly certificate?: Certificate | undefined;
  /** Version of the server, shown in metrics and traces. */ readonly version: string;
  readonly log: Logger;
  /** Called when the engine is lost: everything fails from now on, and the process should end. */
  readonly onLost?: (error: HearkenError) => void;
};

/** How long, in milliseconds, a client may stay away before its session is forgotten. */
const KEEP_SESSIONS_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;

export type RunningServer = {
  /** Port on which the server answers HTTP. */ readonly port: number;
  /** Port on which the server speaks the vosk-server protocol; 0 where it does not. */ readonly voskPort: number;
  /** Uses another certificate for new TLS connections. Throws `tls/certificate`, and goes on with the one before. */
  readonly renewCertificate: (certificate: Certificate) => void;
  /** Ends the streams of clients whose keys or tokens are not valid any more: 1008, once all received is answered. */
  readonly drainRevoked: () => Promise<void>;
  /** Loads the models again from their folders, without an end to any stream. Never rejects: a model that is refused stays as it was. */
  readonly reload: () => Promise<void>;
  /**
   * Takes no more clients, answers what was received, closes with 1012; terminates connections that are left after
   * `graceMs`.
   */
  readonly drain: (graceMs: number) => Promise<void>;
};

/**
 * Starts a server; resolves when its ports are open. Rejects as `loadModel` does, or with `server/listen` where a port
 * cannot be had.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const {
    models,
    host,
    port,
    voskPort,
    maximumStreams,
    maximumBatch,
    device,
    store,
    access,
    certificate,
    version,
    log,
    onLost,
  } = options;
  assertInteger('maximumStreams', maximumStreams, 1, 100_000);
  const limiter = createConnectionLimiter(maximumStreams);
  const metrics = createMetrics(version, () => ({
    egressBytes: services.reduce((sum, service) => sum + service.bufferedBytes(), 0),
    ...engine.load(),
  }));
  const tracing = createServerTracing(version);
  const engine = await startEngine({
    models,
    device,
    ...(maximumBatch !== undefined && { maximumBatch }),
    onBatch: (report) => {
      metrics.batch(report);
      tracing.batch(report);
    },
    onFreed: (model, freed) => {
      metrics.freed(model);
      log.info({ model, version: freed }, 'old model freed');
    },
    onLost: (error) => {
      log.fatal({ code: error.code }, error.message);
      limiter.shut();
      onLost?.(error);
    },
  });
  const admission = createAdmission({ ...access, host, limiter, metrics, log });
  const servers: HttpServer[] = [];
  const createServer = (handler: RequestListener): Server => {
    const made = createHttpServer(handler, certificate);
    servers.push(made);
    return made.server;
  };
  const shared = { engine, admission, metrics, tracing, log };
  const vosk = createVoskListener(shared, createServer);
  const app = await createApp({
    engine,
    limiter,
    admission,
    metrics,
    tracing,
    createServer,
    log,
    console: options.console,
  });
  const onHttpPort = [createNativeListener(shared, store), createRealtimeListener(shared)];
  const services = [vosk, ...onHttpPort];
  routeUpgrades(app.server, onHttpPort);
  const forgetting = setInterval(() => void forgetOldSessions(store, log), FORGET_EVERY_MS);

  const close = async (): Promise<void> => {
    clearInterval(forgetting);
    for (const service of services) service.terminate();
    for (const { server } of servers) {
      server.close();
      server.closeAllConnections();
    }
    await app.close();
    await engine[Symbol.asyncDispose]();
  };
  try {
    await app.ready();
    const ports = {
      port: await listen(app.server, host, port),
      voskPort: voskPort === undefined ? 0 : await listen(vosk.server, host, voskPort),
    };
    const served = [...engine.models, ...engine.tokenModels];
    const devices = Object.fromEntries(served.map(({ id, device: name }) => [id, name]));
    const reasons = served.flatMap(({ id, deviceReason }) => (deviceReason === undefined ? [] : [[id, deviceReason]]));
    const why = reasons.length === 0 ? {} : { deviceReasons: Object.fromEntries(reasons) as Record<string, string> };
    log.info({ host, ...ports, models: served.map(({ id }) => id), devices, ...why }, 'listening');
    return {
      ...ports,
      renewCertificate: (renewed) => {
        for (const { renew } of servers) renew(renewed);
      },
      drainRevoked: async () => {
        await turn(); // whose handshake was checked before is inside by then
        await Promise.all(services.map((service) => service.drainRevoked()));
      },
      reload: createReload({ engine, metrics, log }),
      drain: async (graceMs) => {
        log.info({ clients: limiter.inside() }, 'draining');
        limiter.shut();
        const grace = new AbortController();
        const timeUp = sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined);
        for (const service of services) service.drain();
        await Promise.race([limiter.emptied(), timeUp]);
        grace.abort();
        const left = limiter.inside();
        await close();
        log.info({ cutOff: left }, 'drained');
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function forgetOldSessions(store: SessionStore, log: Logger): Promise<void> {
  try {
    const count = await store.expire(KEEP_SESSIONS_MS);
    if (count > 0) log.info({ count }, 'sessions expired');
  } catch (error) {
    const code: ErrorCode = error instanceof HearkenError ? error.code : 'session/store';
    log.error({ code }, 'sessions could not be expired');
  }
}

/** Listens on `port` and resolves to the port that it got. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // `listen` emits no others
    throw new HearkenError('server/listen', `Expected to listen on ${host}:${port}, got ${code}`, { cause });
  }
  const { port: taken } = server.address() as AddressInfo; // it listens on TCP
  return taken;
}

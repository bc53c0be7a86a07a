/** The HTTP port: what operators and load balancers ask, and the models that are served. */
import type { RequestListener, Server } from 'node:http';

import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';

import type { Admission } from '../access/admission.ts';
import type { EngineClient, ServedModel, ServedTokenModel } from '../engine/client.ts';
import type { ConnectionLimiter } from '../connection-limiter.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { ServerTracing } from '../tracing/stream-trace.ts';
import { addConsole } from './console.ts';
import { describeFailure, sendError } from './error.ts';
import { guardRoutes } from './guard.ts';
import { refuseUnknown } from './known-methods.ts';
import { limitPages } from './page-access.ts';
import { traceUploads } from './trace-uploads.ts';
import { addTranscriptions } from './transcriptions.ts';

export type AppOptions = {
  readonly engine: EngineClient;
  readonly limiter: ConnectionLimiter;
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly tracing: ServerTracing;
  /** Makes the server that the app answers on. */ readonly createServer: (handler: RequestListener) => Server;
  readonly log: Logger;
  /** Folder of the built page; without it there is none. */ readonly console?: string | undefined;
};

/** Milliseconds that an uploader may send nothing. */
const IDLE_MS = 60_000;

/** An app that does not listen yet. */
export async function createApp({
  engine,
  limiter,
  admission,
  metrics,
  tracing,
  createServer,
  log,
  console,
}: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    serverFactory: (handler) => createServer(handler).setTimeout(IDLE_MS),
    clientErrorHandler: () => undefined, // the server that was made has one
    frameworkErrors: (error, _request, reply) => void sendError(error, reply, log),
  });
  // What no route asks for is not read, and so not found wrong before the address is.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const { traceOf, fail } = traceUploads(app, tracing);
  app.setErrorHandler((error, request, reply) => {
    fail(request, describeFailure(error));
    return sendError(error, reply, log);
  });
  limitPages(app, admission, refuseUnknown(app));
  app.get('/livez', () => 'ok\n');
  app.get('/readyz', (_request, reply) => {
    const refusal = limiter.refusal();
    return refusal === undefined ? 'ready\n' : reply.code(503).send(`${refusal}\n`);
  });
  await app.register(async (guarded) => {
    const identityOf = guardRoutes(guarded, admission);
    guarded.get('/metrics', async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );
    guarded.get('/v1/models', () => ({
      object: 'list',
      data: [...engine.models.map(describeModel), ...engine.tokenModels.map(describeTokenModel)],
    }));
    await addTranscriptions(guarded, { engine, admission, identityOf, metrics, traceOf });
  });
  if (console !== undefined) await addConsole(app, console, admission);
  return app;
}

function describeModel({ id, name, version, sampleRate, vocabulary, memory, secondsPerVector }: ServedModel): object {
  const words = Object.values(vocabulary.grammars).flatMap((entries) => entries.map(({ word }) => word));
  return {
    id,
    object: 'model',
    owned_by: 'hearken',
    name,
    version,
    sample_rate: sampleRate,
    grammars: Object.keys(vocabulary.grammars),
    default_grammar: vocabulary.defaultGrammar,
    words: [...new Set(words)],
    memory: { window: memory.window, leaf_fan_in: memory.leafFanIn, fan_in: memory.fanIn },
    seconds_per_vector: secondsPerVector,
  };
}

function describeTokenModel({ id, version, alphabetSize, labelCount }: ServedTokenModel): object {
  return { id, object: 'model', owned_by: 'hearken', version, alphabet_size: alphabetSize, label_count: labelCount };
}

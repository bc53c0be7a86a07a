/** The HTTP port: what operators and load balancers ask, and the models that are served. */
import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';

import type { Hearing } from '../engine/hearing.ts';
import type { Gate } from '../gate.ts';
import type { ServerMetrics } from '../metrics.ts';
import { tellError } from './error.ts';
import { addTranscriptions } from './transcriptions.ts';

export type AppOptions = {
  readonly hearing: Hearing;
  readonly gate: Gate;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
};

/** How long an uploader may send nothing. */
const IDLE_MS = 60_000;

/** An app that does not listen yet. */
export async function createApp({ hearing, gate, metrics, log }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true, connectionTimeout: IDLE_MS });
  app.setErrorHandler((error, _request, reply) => tellError(error, reply, log));
  app.get('/livez', () => 'ok\n');
  app.get('/readyz', (_request, reply) => {
    const refusal = gate.refusal();
    return refusal === undefined ? 'ready\n' : reply.code(503).send(`${refusal}\n`);
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get('/v1/models', () => ({
    object: 'list',
    data: hearing.models.map(({ id, name, sampleRate, vocabulary }) => ({
      id,
      object: 'model',
      owned_by: 'hearken',
      name,
      sample_rate: sampleRate,
      grammars: Object.keys(vocabulary.grammars),
    })),
  }));
  await addTranscriptions(app, { hearing, gate, metrics });
  return app;
}

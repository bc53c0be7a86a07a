/** Requests to the HTTP port: addresses, and the fields of an upload. */
import { createServer } from 'node:http';

import { pino } from 'pino';

import { createAdmission } from '../../../server/access/admission.ts';
import type { RemoteStream, EngineClient } from '../../../server/engine/client.ts';
import { createConnectionLimiter } from '../../../server/connection-limiter.ts';
import { createApp } from '../../../server/http/app.ts';
import { createMetrics } from '../../../server/metrics.ts';
import { createServerTracing } from '../../../server/tracing/stream-trace.ts';
import { type FuzzTarget, textOf } from '../target.ts';
import { MODELS } from './dialects.ts';

const STREAM: RemoteStream = {
  push: async () => [],
  flush: async () => [
    { type: 'final', text: 'one', words: [{ word: 'one', start: 0, end: 0.5, confidence: 1 }], start: 0, end: 0.5 },
  ],
  snapshot: () => Promise.reject(new Error('nobody asks')),
  room: async () => undefined,
  queuedSeconds: () => 0,
  close: () => undefined,
};

/** Hears "one" in everything. */
const ENGINE: EngineClient = {
  models: MODELS,
  tokenModels: [],
  reload: async () => [],
  open: () => STREAM,
  openTokens: () => {
    throw new Error('nobody asks');
  },
  load: () => ({ streams: 0, queuedSeconds: 0 }),
  [Symbol.asyncDispose]: async () => undefined,
};

async function openApp(): ReturnType<typeof createApp> {
  const log = pino({ enabled: false });
  const limiter = createConnectionLimiter(100);
  const metrics = createMetrics('0', () => ({ streams: 0, queuedSeconds: 0, egressBytes: 0 }));
  const admission = createAdmission({ limiter, metrics, log, host: '127.0.0.1' });
  const tracing = createServerTracing('0');
  const app = await createApp({ engine: ENGINE, limiter, admission, metrics, tracing, createServer, log });
  await app.ready();
  return app;
}

/** The answer to whatever is asked: never a failure of the server. */
function assertAnswer({ statusCode, body }: { readonly statusCode: number; readonly body: string }): void {
  if (statusCode >= 500) throw new Error(`answered ${statusCode}: ${body.slice(0, 200)}`);
}

export const UPLOAD: FuzzTarget = {
  name: 'http-upload',
  cases: 300,
  open: async () => {
    const app = await openApp();
    return async (bytes) => {
      const payload = Buffer.from(bytes);
      const headers = { host: 'localhost', 'content-type': 'multipart/form-data; boundary=hearken' };
      assertAnswer(await app.inject({ method: 'POST', url: '/v1/transcriptions', headers, payload }));
    };
  },
};

export const HTTP_REQUEST: FuzzTarget = {
  name: 'http-request',
  cases: 1_000,
  open: async () => {
    const app = await openApp();
    return async (bytes) => {
      const [method = '', url = '', type = ''] = textOf(bytes).split('\n');
      if (!/^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS)$/.test(method)) return; // Node refuses others
      // Bytes that Node's parser of HTTP lets through.
      const address = `/${url.replaceAll(/[^!-~]/g, '').replace(/^\/+/, '')}`;
      const headers = { host: 'localhost', 'content-type': type.replaceAll(/[^ -~]/g, '') };
      const request = { method: method as 'GET', url: address, headers }; // or one of the others
      assertAnswer(await app.inject(method === 'POST' ? { ...request, payload: 'x' } : request));
    };
  },
};

/** A span for each upload, from before anybody is asked who they are until it is answered. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import type { ServerTracing, StreamTrace, Upload } from '../tracing/stream-trace.ts';

export type UploadTraces = {
  readonly traceOf: (request: FastifyRequest) => StreamTrace;
  /** Tells why a request is refused; nothing where it is no upload. */
  readonly fail: (request: FastifyRequest, failure: { readonly status: number; readonly code: ErrorCode }) => void;
};

export const UPLOAD_ROUTES: readonly Upload['route'][] = ['/v1/transcriptions', '/v1/audio/transcriptions'];

/** Begins a span for each upload. Called before hooks that may refuse a request. */
export function traceUploads(app: FastifyInstance, tracing: ServerTracing): UploadTraces {
  const traces = new WeakMap<FastifyRequest, StreamTrace>();
  app.addHook('onRequest', async (request) => {
    const route = UPLOAD_ROUTES.find((each) => each === request.routeOptions.url);
    if (route === undefined || request.method !== 'POST') return;
    traces.set(request, tracing.beginUpload({ route, scheme: request.protocol }, request.headers));
  });
  // Of all hooks the last that comes even where the client is gone by then.
  app.addHook('onSend', async (request, reply) => {
    const trace = traces.get(request);
    if (!isGone(request)) trace?.set({ 'http.response.status_code': reply.statusCode });
    trace?.end();
  });
  return {
    traceOf: (request) => {
      const trace = traces.get(request);
      if (trace === undefined)
        throw new HearkenError('server/untraced', 'Expected the route of an upload, got another');
      return trace;
    },
    // By the conventions of HTTP what is wrong with a request is no error of the server.
    fail: (request, { status, code }) => {
      if (isGone(request)) traces.get(request)?.set({ 'error.type': 'request/aborted' satisfies ErrorCode });
      else if (status >= 500) traces.get(request)?.fail(code);
      else traces.get(request)?.set({ 'error.type': code });
    },
  };
}

/** Whether its sender is: nobody will read the answer. */
function isGone(request: FastifyRequest): boolean {
  return request.socket.destroyed;
}

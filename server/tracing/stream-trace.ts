/** The spans of streams and uploads, with what the engine makes of their audio. */
import type { IncomingHttpHeaders } from 'node:http';

import type { BatchReport } from '../engine/protocol.ts';
import { createTracing, type TraceSpan } from './span.ts';
import type { EngineWatch } from '../watched-engine.ts';
import { traceWatch } from './trace-watch.ts';

export type StreamTrace = TraceSpan & {
  /** Tells the span what streams of an engine are and hear. */ readonly watch: EngineWatch;
};

export type Upload = { readonly route: '/v1/transcriptions' | '/v1/audio/transcriptions'; readonly scheme: string };

export type ServerTracing = {
  /** A handshake that came in. */
  readonly beginStream: (protocol: string, headers: IncomingHttpHeaders) => StreamTrace;
  readonly beginUpload: (upload: Upload, headers: IncomingHttpHeaders) => StreamTrace;
  /** Records a batch. Called before those who wait for its answers go on. */
  readonly batch: (report: BatchReport) => void;
};

export function createServerTracing(version: string): ServerTracing {
  const tracing = createTracing(version);
  const batchSizes = new Map<string, number>(); // of the last batch, by model
  const watched = (span: TraceSpan, hasUtterances: boolean): StreamTrace => ({
    ...span,
    watch: span.isRecording
      ? traceWatch({ span, hasUtterances, batchSizeOf: (model) => batchSizes.get(model) ?? 0 })
      : {},
  });
  return {
    beginStream: (protocol, headers) =>
      watched(tracing.begin('hearken.stream', headers, { 'hearken.protocol': protocol }), true),
    // A recording of a day holds thousands of utterances, heard within minutes: too many for a trace.
    beginUpload: ({ route, scheme }, headers) =>
      watched(
        tracing.begin(`POST ${route}`, headers, {
          'hearken.protocol': 'http',
          'http.request.method': 'POST',
          'http.route': route,
          'url.path': route,
          'url.scheme': scheme,
        }),
        false,
      ),
    batch: ({ model, size }) => void batchSizes.set(model, size),
  };
}

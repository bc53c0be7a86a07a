/**
 * Spans of OpenTelemetry under the names that the guide knows. The only file that knows its API, of which 1.9 is what the SDKs
 * for Node 20 bring: an API finds an SDK that was registered through the same or a newer one, never through an older one.
 */
import type { IncomingHttpHeaders } from 'node:http';

import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import type { ErrorCode } from '../../src/error-codes.ts';
import type { EventName, SpanName, TraceAttributes } from './names.ts';

/** A span of OpenTelemetry. Without an SDK in the process, or where its sampler says no, every call does nothing. */
export type TraceSpan = {
  /** Whether anybody will see it. */ readonly isRecording: boolean;
  readonly set: (attributes: TraceAttributes) => void;
  readonly event: (name: EventName, attributes?: TraceAttributes) => void;
  /** Begins a span within this one. */ readonly begin: (name: SpanName) => TraceSpan;
  /** Marks it as failed for the reason that the stable `code` names. Messages may quote the client, so none is told. */
  readonly fail: (code: ErrorCode) => void;
  readonly end: () => void;
};

export type Tracing = {
  /** Begins a span for what a client asked; its parent is the one that the client's `traceparent` names. */
  readonly begin: (name: SpanName, headers: IncomingHttpHeaders, attributes: TraceAttributes) => TraceSpan;
};

/** Spans go to the SDK that the process has registered, now or later. */
export function createTracing(version: string): Tracing {
  const tracer = trace.getTracer('hearken', version);
  return {
    begin: (name, headers, attributes) => {
      const parent = parentOf(headers);
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
      return traceSpan(tracer, span, parent);
    },
  };
}

/**
 * The parent of a request's span: the span that instrumentation of HTTP has begun for it, else the one in its headers.
 */
function parentOf(headers: IncomingHttpHeaders): Context {
  const active = context.active();
  return trace.getSpan(active) === undefined ? propagation.extract(active, headers) : active;
}

function traceSpan(tracer: Tracer, span: Span, parent: Context): TraceSpan {
  return {
    isRecording: span.isRecording(),
    set: (attributes) => void span.setAttributes(attributes),
    event: (name, attributes) => void span.addEvent(name, attributes),
    begin: (name) => {
      const within = trace.setSpan(parent, span);
      return traceSpan(tracer, tracer.startSpan(name, {}, within), within);
    },
    fail: (code) => {
      span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
    end: () => span.end(),
  };
}

// Sends the server's spans to a collector, by OTLP over HTTP. Beside it:
//   npm install @opentelemetry/sdk-trace-node@2 @opentelemetry/resources@2 @opentelemetry/exporter-trace-otlp-http@0.223
// The standard variables say where to and how many, for example OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_TRACES_SAMPLER.
import { isMainThread } from 'node:worker_threads';

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

// The engine's thread runs this file as well, and has no spans.
if (isMainThread) {
  const named = resourceFromAttributes({ 'service.name': 'hearken' }); // unless OTEL_SERVICE_NAME says otherwise
  const provider = new NodeTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  // Not on SIGTERM: the server drains after it, and only then the spans of its last streams end.
  process.once('beforeExit', () => void provider.shutdown());
}

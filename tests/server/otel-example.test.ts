/** `hearken serve` in a process of its own, with and without the SDK that docs/examples/otel.mjs loads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

import { connectSocket } from './socket-client.ts';
import { recite, textIn } from './vosk/vosk-client.ts';
import { textOf } from './recordings.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/** What a collector gets, as far as it is looked at here. */
type Attribute = { readonly key: string; readonly value: object };
type SentSpan = { readonly name: string; readonly traceId: string; readonly attributes: readonly Attribute[] };
type Sent = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
};

/** A collector that takes OTLP over HTTP as JSON, and keeps it. */
async function startCollector(): Promise<{ readonly url: string; readonly sent: readonly Sent[] }> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/v1/traces') sent.push((await json(request)) as Sent); // the exporter under test wrote it
      response.setHeader('content-type', 'application/json').end('{}');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}`, sent };
}

type Served = { readonly child: ChildProcess; readonly url: string; readonly printed: Promise<string> };

async function startServer(options: readonly string[], env: Record<string, string>): Promise<Served> {
  const serve = [pathOf('cli/main.ts'), 'serve', '--port', '0', '--vosk-port', '0', '--model', 'en=codes-en'];
  const child = spawn(process.execPath, [...options, '--import', 'tsx', ...serve], { env: { ...process.env, ...env } });
  const printed = text(child.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]; // as `readline` declares it
  const { voskPort } = JSON.parse(line) as { voskPort: number }; // pino wrote it
  return { child, url: `ws://127.0.0.1:${voskPort}`, printed };
}

/** Recites a sample to the server and stops it; what was heard. */
async function use({ child, url }: Served, headers: Record<string, string> = {}): Promise<string> {
  const heard = textIn(await recite(await connectSocket(url, [], { headers }), 'pin'));
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  return heard;
}

test('with the example, spans reach a collector before the process ends', async () => {
  const { url, sent } = await startCollector();
  const server = await startServer(['--import', pathOf('docs/examples/otel.mjs')], {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  expect(await use(server, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })).toBe(textOf('pin'));
  expect(await server.printed).toBe('');

  const resources = sent.flatMap(({ resourceSpans }) => resourceSpans);
  expect(resources[0]?.resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'hearken' } },
      { key: 'deployment.environment.name', value: { stringValue: 'test' } },
    ]),
  );
  const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  expect(spans.map(({ name }) => name)).toEqual(['hearken.utterance', 'hearken.stream']);
  for (const span of spans) expect(span.traceId).toBe(traceId);
  expect(spans[1]?.attributes).toContainEqual({ key: 'hearken.model.id', value: { stringValue: 'en' } });
});

test('without an SDK the same is heard, and nothing is printed or sent', async () => {
  const { url, sent } = await startCollector();
  const server = await startServer([], { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: 'otlp' });
  expect(await use(server)).toBe(textOf('pin'));
  expect(await server.printed).toBe('');
  expect(sent).toEqual([]);
});

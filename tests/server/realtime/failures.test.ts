/** Sessions over an engine that is not there: what a client is told where it fails, and what is bounded. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import type { RemoteStream, EngineClient } from '../../../server/engine/client.ts';
import { createAdmission } from '../../../server/access/admission.ts';
import { createConnectionLimiter } from '../../../server/connection-limiter.ts';
import { createMetrics } from '../../../server/metrics.ts';
import { createRealtimeListener } from '../../../server/realtime/listener.ts';
import { createServerTracing } from '../../../server/tracing/stream-trace.ts';
import { routeUpgrades } from '../../../server/upgrades.ts';
import { HearkenError } from '../../../src/errors.ts';
import { connectRealtime, FAILED, type RealtimeClient, sessionUpdate } from './realtime-client.ts';

/** An engine that hears nothing, at once. */
const DEAF: RemoteStream = {
  push: () => Promise.resolve([]),
  flush: () => Promise.resolve([]),
  snapshot: () => Promise.reject(new Error('not asked for')),
  room: () => Promise.resolve(),
  queuedSeconds: () => 0,
  close: () => {},
};

const MEMORY = { memory: { window: 32, leafFanIn: 8, fanIn: 8 }, secondsPerVector: 0.04 };

async function connectTo(stream: Partial<RemoteStream>): Promise<RealtimeClient> {
  const vocabulary = {
    labels: ['1'],
    grammars: { all: [{ label: '1', word: 'one' }] },
    defaultGrammar: 'all',
  };
  const engine: EngineClient = {
    models: [
      {
        kind: 'speech',
        id: 'deaf',
        version: 'v1',
        device: 'onnx-cpu',
        deviceReason: undefined,
        name: 'deaf',
        language: 'en',
        sampleRate: 16_000,
        vocabulary,
        endpointing: { pauseMs: 950, blankThreshold: 0.5 },
        ...MEMORY,
      },
    ],
    tokenModels: [],
    reload: () => Promise.resolve([]),
    open: () => ({ ...DEAF, ...stream }),
    openTokens: () => {
      throw new Error('Expected no stream of tokens');
    },
    load: () => ({ streams: 0, queuedSeconds: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const metrics = createMetrics('0', () => ({ egressBytes: 0, ...engine.load() }));
  const log = pino({ level: 'silent' });
  const service = createRealtimeListener({
    engine,
    admission: createAdmission({ host: '127.0.0.1', limiter: createConnectionLimiter(10), metrics, log }),
    metrics,
    tracing: createServerTracing('0'),
    log,
  });
  const server = createServer();
  routeUpgrades(server, [service]);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    service.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return connectRealtime(`ws://127.0.0.1:${port}/v1/realtime`);
}

test.each(['push', 'flush'] as const)(
  'where the engine fails to %s, the item has failed and 1011 follows',
  async (what) => {
    const failing = (): Promise<never> => Promise.reject(new HearkenError('engine/failed', 'Expected an engine'));
    const client = await connectTo({ [what]: failing });
    client.append(Buffer.alloc(9_600));
    client.say({ type: 'input_audio_buffer.commit' });
    const failed = (await client.until(FAILED)).at(-1);
    expect(failed).toMatchObject({
      item_id: expect.stringMatching(/^item_/),
      content_index: 0,
      error: { type: 'server_error', code: 'engine/failed', message: 'Expected an engine' },
    });
    expect(await client.closed).toEqual({ code: 1011, reason: 'engine/failed' });
  },
);

test('a client that never commits is stopped at half an hour, and may go on once it has', async () => {
  const client = await connectTo({});
  const minute = Buffer.alloc(60 * 8000);
  client.say(sessionUpdate({ format: { type: 'audio/pcmu' } }));
  for (let count = 0; count < 31; count++) client.append(minute, minute.length); // no commits are asked for here
  client.say(sessionUpdate({ turn_detection: null }));
  for (let count = 0; count < 32; count++) client.append(minute, minute.length);
  const [refused] = (await client.until('error')).slice(-1);
  expect(refused?.error).toMatchObject({ code: 'input_audio_buffer_full', param: 'audio' });
  client.say({ type: 'input_audio_buffer.commit' });
  const [committed] = (await client.until('conversation.item.input_audio_transcription.completed')).slice(-1);
  expect(committed?.usage.seconds).toBe((31 + 31) * 60);
  client.append(minute, minute.length);
  client.say({ type: 'input_audio_buffer.clear' });
  expect((await client.next()).type).toBe('input_audio_buffer.cleared');
}, 600_000);

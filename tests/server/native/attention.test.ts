import { afterAll, beforeAll, expect, test } from 'vitest';

import type { NumberedMessage } from '../../../client/index.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import { numberedMessage } from '../../../server/sessions/event-message.ts';
import { loadModel } from '../../../src/index.ts';
import { pcmOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { countSaves } from './counted-saves.ts';
import { startProxy } from './cutting-proxy.ts';
import { expectAlike } from './alike-events.ts';
import { connectRaw, listenTo } from './native-client.ts';

const store = countSaves(createMemoryStore());
let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer({ store });
  url = `ws://127.0.0.1:${server.port}/v1/stream`;
});
afterAll(() => server.drain(0));

/** What the engine hears of the samples without a server. */
async function heardOffline(pcm: Buffer): Promise<NumberedMessage[]> {
  await using model = await loadModel('codes-en');
  const samples = Float32Array.from({ length: pcm.length / 2 }, (_, index) => pcm.readInt16LE(2 * index) / 32_768);
  const events: NumberedMessage[] = [];
  for await (const event of model.stream([samples], { grammar: 'codes', attention: 'binned' })) {
    if (event.type === 'partial' || event.type === 'memory' || event.type === 'attention') continue;
    events.push(numberedMessage(event, events.length));
  }
  return events;
}

test('finals are followed by what their words rest on, as the engine tells it of the same samples', async () => {
  const pcm = await pcmOf('two-numbers', 16_000);
  const expected = await heardOffline(pcm);
  expect(expected.filter(({ type }) => type === 'attention').length).toBeGreaterThan(1);
  expectAlike(await listenTo(url, pcm, undefined, { attention: true }), expected);
});

test('they come once and the same where the connection is cut', async () => {
  await using proxy = await startProxy(server.port);
  const pcm = await pcmOf('two-numbers', 16_000);
  const cuts = new Set([0.2, 0.45, 0.7].map((share) => 3_200 * Math.floor((share * pcm.length) / 3_200)));
  const pace = async (sent: number): Promise<void> => {
    if (!cuts.has(sent)) return;
    await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(0);
    await expect.poll(store.savedSamples, { timeout: 60_000 }).toBeGreaterThan(sent / 2 - 2.2 * 16_000); // saved every 2 s
    const before = proxy.connectionCount();
    proxy.cut();
    await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(before);
  };
  const events = await listenTo(`ws://127.0.0.1:${proxy.port}/v1/stream`, pcm, pace, { attention: true });
  expect(proxy.connectionCount()).toBe(4);
  expectAlike(events, await heardOffline(pcm));
});

test('pictures of the memory show the whole past, in the same seconds after Finalize', async () => {
  const client = await connectRaw(url);
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, attention: true });
  client.say(Buffer.alloc(32_000));
  client.say({ type: 'Finalize' });
  const first = await client.next('memory');
  expect(first.roots[0]?.start).toBe(0);
  expect(first.roots.at(-1)).toMatchObject({ level: 0, end: first.time });
  client.say(Buffer.alloc(32_000));
  let last = await client.next('memory');
  while (last.roots[0]?.start === 0) last = await client.next('memory');
  expect(last.roots[0]?.start).toBe(1);
  client.socket.close();
});

test('who does not ask is told nothing of it', async () => {
  const events = await listenTo(url, await pcmOf('pin', 16_000));
  expect(events.map(({ type }) => type)).not.toContain('attention');
});

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { ConnectionState } from '../../../client/index.ts';
import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { Random } from '../../../src/tensor/random.ts';
import { pcmOf } from '../recordings.ts';
import { startTestServer } from '../test-server.ts';
import { startProxy } from './cutting-proxy.ts';
import { connectRaw, listenTo, type RawClient, rounded } from './native-client.ts';

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000 };
const streamUrl = (port: number): string => `ws://127.0.0.1:${port}/v1/stream`;

describe('a client whose connection is cut', () => {
  test('hears every event once and the same, wherever it is cut', async () => {
    const server = await startTestServer();
    await using proxy = await startProxy(server.port);
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(streamUrl(server.port), pcm);
    const random = Random.seeded(5);
    const cuts = Array.from({ length: 4 }, () => 3_200 * (1 + random.integer(Math.floor(pcm.length / 3_200) - 2)));
    let state: ConnectionState | undefined;
    const cutAt = async (sent: number): Promise<void> => {
      if (!cuts.includes(sent)) return;
      // A client that is cut again and again before a server has taken its stream takes the address for a wrong one.
      await expect.poll(() => state, { timeout: 60_000 }).toBe('open');
      await setImmediate(); // something is on its way in both directions
      const before = proxy.connectionCount();
      proxy.cut();
      await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(before);
    };
    const onState = (now: ConnectionState): void => {
      state = now;
    };
    const events = await listenTo(streamUrl(proxy.port), pcm, cutAt, { onState });
    expect(proxy.connectionCount()).toBe(1 + new Set(cuts).size);
    expect(rounded(events)).toEqual(rounded(expected));
    await server.drain(0);
  });

  test('goes on with another server that shares the sessions, when its own drains', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hearken-sessions-'));
    const first = await startTestServer({ store: await openDirectoryStore(directory) });
    const second = await startTestServer({ store: await openDirectoryStore(directory) });
    await using proxy = await startProxy(first.port);
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(streamUrl(second.port), pcm);
    let drained: Promise<void> | undefined;
    const events = await listenTo(streamUrl(proxy.port), pcm, (sent) => {
      if (drained !== undefined || sent < pcm.length / 2) return undefined;
      proxy.aimAt(second.port);
      drained = first.drain(10_000);
      return drained;
    });
    expect(rounded(events)).toEqual(rounded(expected));
    expect(drained).toBeDefined();
    await second.drain(0);
  });
});

describe('resuming', () => {
  const open = async (port: number): Promise<RawClient> => connectRaw(streamUrl(port));

  test('a second owner takes a session over, and the first one is told so', async () => {
    const server = await startTestServer();
    const first = await open(server.port);
    first.say(START);
    const { session, epoch } = await first.next('started');
    const second = await open(server.port);
    second.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 });
    expect(await second.next('resumed')).toMatchObject({ recovered: true, ackedSamples: 0, fromEventOffset: 0 });
    for (let frame = 0; frame < 30; frame++) first.say(Buffer.alloc(3_200));
    expect((await first.closed).code).toBe(4511);
    second.say(Buffer.alloc(3_200));
    second.say({ type: 'CloseStream' });
    expect((await second.next('closed')).samples).toBe(1_600);
    await server.drain(0);
  });

  test('sends again what a client has missed, also of a stream that has ended', async () => {
    const server = await startTestServer();
    const client = await open(server.port);
    client.say({ ...START, grammar: 'digits' });
    const { session, epoch } = await client.next('started');
    client.say(await pcmOf('pin', 16_000));
    client.say({ type: 'CloseStream' });
    const final = await client.next('final');
    const { samples } = await client.next('closed');
    const again = await open(server.port);
    again.say({ type: 'resume', session, epoch, lastEventOffset: final.offset - 1, firstSample: samples });
    expect(await again.next('resumed')).toMatchObject({ fromEventOffset: final.offset, ackedSamples: samples });
    expect(await again.next('final')).toEqual(final);
    expect((await again.next('closed')).samples).toBe(samples);
    expect((await again.closed).code).toBe(1000);
    await server.drain(0);
  });

  test('recovers nothing where anything is missing, and says what', async () => {
    const server = await startTestServer();
    const client = await open(server.port);
    client.say(START);
    const { session, epoch } = await client.next('started');
    client.socket.close();
    const whole = { type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 };
    for (const [wrong, reason] of [
      [{ session: 'another' }, 'unknown or expired'],
      [{ epoch: 'another' }, 'unknown or expired'],
      [{ firstSample: 16_000 }, 'audio from sample 0'],
    ] as const) {
      const again = await open(server.port);
      again.say({ ...whole, ...wrong });
      expect(await again.next('resumed')).toEqual({
        type: 'resumed',
        recovered: false,
        reason: expect.stringContaining(reason),
      });
      expect((await again.closed).code).toBe(4510);
    }
    await server.drain(0);
  });
});

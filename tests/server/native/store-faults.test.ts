import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';
import { HearkenError } from '../../../src/errors.ts';
import { pcmOf, textOf } from '../recordings.ts';
import { startTestServer } from '../test-server.ts';
import { startProxy } from './cutting-proxy.ts';
import { connectRaw, FRAME_BYTES, listenTo, type RawClient, rounded } from './native-client.ts';

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: 'digits' };
const SECOND = 2 * 16_000;
const streamUrl = (port: number): string => `ws://127.0.0.1:${port}/v1/stream`;

/** A store whose medium can be made to refuse, as `openDirectoryStore` does on a full disk. */
function fragileStore(): SessionStore & { isFull: boolean } {
  const store = createMemoryStore();
  const fragile = {
    ...store,
    isFull: false,
    save: async (record: Parameters<SessionStore['save']>[0]) => {
      if (fragile.isFull) throw new HearkenError('session/store', 'Expected to save a session, got ENOSPC');
      return store.save(record);
    },
  };
  return fragile;
}

function say(client: RawClient, pcm: Buffer): void {
  for (let at = 0; at < pcm.length; at += FRAME_BYTES) client.say(pcm.subarray(at, at + FRAME_BYTES));
}

/** Says `KeepAlive` until something is acknowledged, which is told. */
async function acknowledged(client: RawClient): Promise<number> {
  const knocking = setInterval(() => client.say({ type: 'KeepAlive' }), 300);
  const { samples } = await client.next('ack');
  clearInterval(knocking);
  return samples;
}

describe('a stream whose session cannot be saved', () => {
  test('goes on with a warning and without acknowledgements, which come when there is room again', async () => {
    const store = fragileStore();
    const server = await startTestServer({ store });
    const scrape = async (): Promise<string> => (await fetch(`${server.http}/metrics`)).text();
    const client = await connectRaw(streamUrl(server.port));
    const pcm = Buffer.concat([await pcmOf('pin', 16_000), Buffer.alloc(3 * SECOND)]);
    client.say(START);
    await client.next('started');
    store.isFull = true;
    say(client, pcm);
    expect(await client.next('warning')).toMatchObject({ code: 'session/store' });
    expect((await client.next('final')).text).toBe(textOf('pin')); // `next` would have passed over an `ack` before it
    await expect.poll(scrape).toMatch(/^hearken_snapshot_failures_total\{code="session\/store"\} [1-9]/m);
    const unacked = /^hearken_unacked_audio_seconds (.+)$/m.exec(await scrape())?.[1];
    expect(Number(unacked)).toBeCloseTo(pcm.length / SECOND, 3);
    store.isFull = false;
    expect(await acknowledged(client)).toBe(pcm.length / 2);
    const messages = server.logged.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((msg) => msg.startsWith('sessions'))).toEqual([
      'sessions cannot be saved; streams go on without acknowledgements',
      'sessions can be saved again',
    ]);
    client.socket.close();
    await server.drain(0);
  });

  test('loses nothing where its connection is cut before there is room again', async () => {
    const store = fragileStore();
    const server = await startTestServer({ store });
    await using proxy = await startProxy(server.port);
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(streamUrl(server.port), pcm);
    const cutAt = 3_200 * Math.floor(pcm.length / 6_400);
    const events = await listenTo(streamUrl(proxy.port), pcm, async (sent) => {
      if (sent === 3_200) store.isFull = true;
      if (sent !== cutAt) return;
      const before = proxy.connectionCount();
      proxy.cut();
      await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(before);
      store.isFull = false;
    });
    expect(rounded(events)).toEqual(rounded(expected));
    await server.drain(0);
  });

  test('is told that it is over when it ends, for it has been told everything', async () => {
    const store = fragileStore();
    const server = await startTestServer({ store });
    const client = await connectRaw(streamUrl(server.port));
    client.say(START);
    await client.next('started');
    store.isFull = true;
    const pcm = await pcmOf('pin', 16_000);
    say(client, pcm);
    client.say({ type: 'CloseStream' });
    expect((await client.next('final')).text).toBe(textOf('pin'));
    expect((await client.next('closed')).samples).toBe(pcm.length / 2);
    expect((await client.closed).code).toBe(1000);
    await server.drain(0);
  });

  test('is told to come back when the server drains', async () => {
    const store = fragileStore();
    const server = await startTestServer({ store });
    const client = await connectRaw(streamUrl(server.port));
    client.say(START);
    await client.next('started');
    store.isFull = true;
    say(client, Buffer.alloc(SECOND));
    await server.drain(60_000);
    expect((await client.closed).code).toBe(1012);
  });

  test('does not begin: a client is refused that could not come back, and leaves nothing behind', async () => {
    const store = fragileStore();
    const server = await startTestServer({ store });
    store.isFull = true;
    const client = await connectRaw(streamUrl(server.port));
    client.say(START);
    expect(await client.next('error')).toMatchObject({ code: 'session/store' });
    expect((await client.closed).code).toBe(1011);
    expect(await (await fetch(`${server.http}/metrics`)).text()).toMatch(/^hearken_sessions_active 0$/m);
    await server.drain(0);
  });
});

describe('a folder of sessions', () => {
  /** A small file system of its own. */
  let folder: string;
  let isMounted = false;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearken-small-'));
    isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0;
  });
  afterAll(async () => {
    if (isMounted) spawnSync('umount', [folder]);
    await rmdir(folder);
  });
  beforeEach(({ skip }) => skip(!isMounted, 'this user may not mount a small file system'));

  const remount = (how: string): void => {
    expect(spawnSync('mount', ['-o', `remount,${how}`, folder]).status).toBe(0);
  };
  const filler = (): string => join(folder, 'filler');
  const faults: [string, () => Promise<void>, () => Promise<void>][] = [
    [
      'full',
      async () => {
        const { bavail, bsize } = await statfs(folder);
        await writeFile(filler(), Buffer.alloc(bavail * bsize));
      },
      () => rm(filler()),
    ],
    ['read-only', async () => remount('ro'), async () => remount('rw')],
  ];

  test.each(faults)(
    'that is %s stops acknowledgements only, is used again afterwards, and keeps no half-written file',
    async (_, spoil, repair) => {
      const sessions = join(folder, 'sessions');
      const server = await startTestServer({ store: await openDirectoryStore(sessions) });
      const client = await connectRaw(streamUrl(server.port));
      client.say(START);
      const { session, epoch } = await client.next('started');
      await spoil();
      const pcm = Buffer.concat([await pcmOf('pin', 16_000), Buffer.alloc(3 * SECOND)]);
      say(client, pcm);
      expect(await client.next('warning')).toMatchObject({ code: 'session/store' });
      const final = await client.next('final');
      expect(final.text).toBe(textOf('pin'));
      await repair();
      const samples = await acknowledged(client); // perhaps not of all yet, but of more than the final rests on
      client.socket.close();
      await client.closed;
      const again = await connectRaw(streamUrl(server.port));
      again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: samples });
      expect(await again.next('resumed')).toMatchObject({ recovered: true, ackedSamples: samples });
      expect(await again.next('final')).toEqual(final);
      again.socket.close();
      await server.drain(0);
      expect((await readdir(sessions, { recursive: true })).filter((name) => name.endsWith('.draft'))).toEqual([]);
    },
  );
});

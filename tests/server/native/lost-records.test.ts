/** Somebody removes what a server has saved, while its streams run. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import { pcmOf, textOf } from '../recordings.ts';
import { startTestServer } from '../test-server.ts';
import { connectRaw, FRAME_BYTES, listenTo, type RawClient, rounded } from './native-client.ts';
import { killed, startProcess } from './server-process.ts';

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: 'digits' };
/** Bytes of audio after which a server saves, and more. */
const TWO_SECONDS = 2 * 2 * 16_000;
const WARNING = 'records of sessions were gone from their store, and were saved anew';
const streamUrl = (port: number): string => `ws://127.0.0.1:${port}/v1/stream`;

function say(client: RawClient, pcm: Buffer): void {
  for (let at = 0; at < pcm.length; at += FRAME_BYTES) client.say(pcm.subarray(at, at + FRAME_BYTES));
}

describe('records that are removed while their stream runs', () => {
  const removals: [string, (store: string) => Promise<void>][] = [
    ['the whole store', (store) => rm(store, { recursive: true })],
    [
      "a session's folder",
      async (store) => {
        for (const session of await readdir(store)) await rm(join(store, session), { recursive: true });
      },
    ],
    [
      'the single records',
      async (store) => {
        for (const session of await readdir(store)) {
          for (const file of await readdir(join(store, session))) await rm(join(store, session, file));
        }
      },
    ],
  ];

  test.each(removals)(
    '%s: the stream goes on, and from what is saved anew also after kill -9',
    { timeout: 240_000 },
    async (_, remove) => {
      const sessions = join(await mkdtemp(join(tmpdir(), 'hearken-sessions-')), 'store');
      let server = await startProcess(0, sessions);
      onTestFinished(() => void server.child.kill('SIGKILL'));
      const pcm = Buffer.concat([await pcmOf('two-numbers', 16_000), Buffer.alloc(TWO_SECONDS)]);
      const expected = await listenTo(streamUrl(server.port), pcm, undefined, { grammar: 'digits' });
      const client = await connectRaw(streamUrl(server.port));
      client.say(START);
      const { session, epoch } = await client.next('started');
      say(client, pcm.subarray(0, TWO_SECONDS));
      const { samples: before } = await client.next('ack');
      await remove(sessions);
      say(client, pcm.subarray(TWO_SECONDS, 2 * TWO_SECONDS));
      const { samples } = await client.next('ack');
      expect(samples).toBeGreaterThan(before);
      await expect.poll(() => server.logged.filter((message) => message === WARNING)).toHaveLength(1);

      await killed(server.child);
      server = await startProcess(server.port, sessions);
      const again = await connectRaw(streamUrl(server.port));
      again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: samples });
      expect(await again.next('resumed')).toMatchObject({ recovered: true, ackedSamples: samples });
      say(again, pcm.subarray(2 * samples));
      again.say({ type: 'CloseStream' });
      const finals = expected.filter((event) => event.type === 'final');
      const heard = [];
      while (heard.length < finals.length) heard.push(await again.next('final'));
      expect(rounded(heard)).toEqual(rounded(finals));
      expect((await again.closed).code).toBe(1000);
    },
  );

  test('of an owner that was followed: it is told so when its follower has saved anew, who goes on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hearken-sessions-'));
    const [one, two] = await Promise.all(
      [0, 1].map(async () => startTestServer({ store: await openDirectoryStore(directory) })),
    );
    if (one === undefined || two === undefined) throw new Error('Expected two servers');
    const first = await connectRaw(streamUrl(one.port));
    first.say(START);
    const { session, epoch } = await first.next('started');
    const second = await connectRaw(streamUrl(two.port));
    second.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 });
    await second.next('resumed');
    await rm(join(directory, session), { recursive: true });
    say(first, Buffer.alloc(TWO_SECONDS)); // it does not know yet
    await first.next('ack');
    say(second, Buffer.alloc(TWO_SECONDS));
    await second.next('ack');
    say(first, Buffer.alloc(TWO_SECONDS));
    expect((await first.closed).code).toBe(4511);
    say(second, await pcmOf('pin', 16_000));
    second.say({ type: 'CloseStream' });
    expect((await second.next('final')).text).toBe(textOf('pin'));
    expect((await second.closed).code).toBe(1000);
    await one.drain(0);
    await two.drain(0);
  });

  test('of many streams at once are told of in one line of the log, and all are counted', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hearken-sessions-'));
    const server = await startTestServer({ store: await openDirectoryStore(directory) });
    const clients = await Promise.all([0, 1, 2].map(() => connectRaw(streamUrl(server.port))));
    for (const client of clients) client.say(START);
    for (const client of clients) await client.next('started');
    await rm(directory, { recursive: true });
    for (const client of clients) say(client, Buffer.alloc(TWO_SECONDS));
    for (const client of clients) await client.next('ack');
    expect(server.logged.filter((line) => line.includes(WARNING))).toHaveLength(1);
    const metrics = await (await fetch(`${server.http}/metrics`)).text();
    expect(metrics).toMatch(/^hearken_snapshots_lost_total 3$/m);
    await server.drain(0);
  });
});

test('a stream that says nothing but KeepAlive for an hour is not forgotten', async () => {
  const store = createMemoryStore();
  const server = await startTestServer({ store });
  const client = await connectRaw(streamUrl(server.port));
  client.say(START);
  const { session } = await client.next('started');
  const now = performance.now.bind(performance);
  let later = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + later);
  onTestFinished(() => void vi.restoreAllMocks());
  for (const minutes of [20, 40, 60]) {
    later = minutes * 60_000;
    client.say({ type: 'KeepAlive' });
    await client.next('ack');
    expect(await store.expire(30 * 60_000)).toBe(0);
  }
  expect((await store.load(session))?.session).toBe(session);
  client.socket.close();
  await server.drain(0);
});

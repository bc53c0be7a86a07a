import { Registry } from 'prom-client';
import { expect, test } from 'vitest';

import type { RemoteStream } from '../../../server/engine/remote-stream.ts';
import type { StreamSnapshot } from '../../../server/engine/protocol.ts';
import { createInstruments } from '../../../server/instruments.ts';
import { createSessionMetrics } from '../../../server/session-metrics.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import { resumeSession, startSession } from '../../../server/sessions/open-session.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';

const SNAPSHOT: StreamSnapshot = {
  state: new Uint8Array(4),
  resamplerTail: new Float32Array(0),
  resamplerPhase: 0,
  samplesHeard: 0,
  samplesBefore: 0,
};

/** A stream of an engine, of which only snapshots are asked. */
function fakeStream(snapshot: () => Promise<StreamSnapshot>): RemoteStream & { readonly isClosed: () => boolean } {
  let isClosed = false;
  const unasked = (): never => {
    throw new Error('Expected nothing but a snapshot to be asked for');
  };
  return {
    push: unasked,
    flush: unasked,
    snapshot,
    room: unasked,
    queuedSeconds: () => 0,
    close: () => {
      isClosed = true;
    },
    isClosed: () => isClosed,
  };
}

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000 } as const;

test('a stream is left open only where a session owns it', async () => {
  const store = createMemoryStore();
  const metrics = createSessionMetrics(createInstruments(new Registry()));
  const own = { owner: 'server-1', client: '', metrics, versionFor: () => 'v1' };
  const full = new Error('no space left');
  const fullStore = { ...store, save: () => Promise.reject(full) };
  const lost = new Error('engine lost');
  for (const [where, snapshot, error] of [
    [fullStore, () => Promise.resolve(SNAPSHOT), full],
    [store, () => Promise.reject(lost), lost],
  ] as const) {
    const stream = fakeStream(snapshot);
    const context = { ...own, store: where, openStream: () => ({ stream, model: 'en', version: 'v1' }) };
    await expect(startSession(context, START)).rejects.toBe(error);
    expect(stream.isClosed()).toBe(true);
  }
  const stream = fakeStream(() => Promise.resolve(SNAPSHOT));
  await startSession({ ...own, store, openStream: () => ({ stream, model: 'en', version: 'v1' }) }, START);
  expect(stream.isClosed()).toBe(false);
});

test('a session is taken over from an owner that saves once more at that moment, from what it saved', async () => {
  const store = createMemoryStore();
  const metrics = createSessionMetrics(createInstruments(new Registry()));
  const openStream = () => ({ stream: fakeStream(() => Promise.resolve(SNAPSHOT)), model: 'en', version: 'v1' });
  const context = {
    owner: 'server-1',
    client: 'one',
    metrics,
    openStream,
    versionFor: () => 'v1',
    store,
  };
  const { greeting } = await startSession(context, START);
  const [started] = greeting;
  if (started?.type !== 'started') throw new Error('Expected the session to start');
  let lastSaves = 3;
  const busy: SessionStore = {
    ...store,
    load: async (session) => {
      const found = await store.load(session);
      if (found !== undefined && lastSaves-- > 0) {
        await store.save({ ...found, revision: found.revision + 1, samples: found.samples + 32_000 });
      }
      return found;
    },
  };
  const { session, epoch } = started;
  const resumed = await resumeSession(
    { ...context, store: busy },
    { type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 },
  );
  expect(resumed.greeting).toMatchObject([
    { type: 'resumed', recovered: true, epoch, ackedSamples: 3 * 32_000, fromEventOffset: 0 },
  ]);
});

test('a session whose model is loaded again while it is taken over is refused, and nothing goes on with it', async () => {
  const store = createMemoryStore();
  const metrics = createSessionMetrics(createInstruments(new Registry()));
  const first = fakeStream(() => Promise.resolve(SNAPSHOT));
  const own = { owner: 'server-1', client: '', metrics, store, versionFor: () => 'v1' };
  const openStream = () => ({ stream: first, model: 'en', version: 'v1' });
  const { greeting } = await startSession({ ...own, openStream }, START);
  const [started] = greeting;
  if (started?.type !== 'started') throw new Error('Expected the session to start');
  const { session, epoch } = started;
  const stream = fakeStream(() => Promise.resolve(SNAPSHOT));
  const resumed = resumeSession(
    { ...own, openStream: () => ({ stream, model: 'en', version: 'v2' }) },
    { type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 },
  );
  await expect(resumed).rejects.toMatchObject({ code: 'session/model-changed' });
  expect(stream.isClosed()).toBe(true);
});

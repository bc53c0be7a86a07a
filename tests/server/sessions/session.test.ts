/** What is told of a stream, numbered and made durable, over a stream that a test answers for. */
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';

import type { StreamEvent } from '../../../server/engine/protocol.ts';
import type { RemoteStream } from '../../../server/engine/remote-stream.ts';
import { createInstruments } from '../../../server/instruments.ts';
import { createSessionMetrics } from '../../../server/session-metrics.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import { numberedEvents } from '../../../server/sessions/event-message.ts';
import { startSession } from '../../../server/sessions/open-session.ts';
import type { Due, Session, SessionCommand } from '../../../server/sessions/session.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';
import { HearkenError } from '../../../src/errors.ts';

const final = (text: string): StreamEvent => ({ type: 'final', text, words: [], start: 0, end: 1 });
const partial = (text: string): StreamEvent => ({ type: 'partial', text, words: [] });

test('settled events have numbers without gaps, what later ones replace has none', () => {
  const { window, messages } = numberedEvents({ nextOffset: 7, events: ['one'] }, [
    partial('a'),
    final('a'),
    { type: 'endpoint', time: 1, reason: 'silence' },
    partial('b'),
  ]);
  expect(messages.map((message) => ('offset' in message ? message.offset : message.type))).toEqual([
    'partial',
    7,
    8,
    'partial',
  ]);
  expect(window.nextOffset).toBe(9);
  expect(window.events).toEqual(['one', JSON.stringify(messages[1]), JSON.stringify(messages[2])]);
});

async function openedOver(store: SessionStore, answer: () => Promise<readonly StreamEvent[]>): Promise<Session> {
  const stream: RemoteStream<StreamEvent> = {
    push: answer,
    flush: async () => [final('flushed')],
    snapshot: async () => ({
      state: new Uint8Array(4),
      resamplerTail: new Float32Array(0),
      resamplerPhase: 0,
      samplesHeard: 0,
      samplesBefore: 0,
    }),
    room: async () => undefined,
    queuedSeconds: () => 0,
    close: () => undefined,
  };
  const metrics = createSessionMetrics(createInstruments(new Registry()));
  const openStream = () => ({ stream, model: 'en', version: 'v1' });
  const context = { store, owner: 'server-1', client: '', metrics, openStream, versionFor: () => 'v1' };
  const { session } = await startSession(context, { type: 'start', encoding: 's16le', sampleRate: 16_000 });
  if (session === undefined) throw new Error('Expected a session');
  return session;
}

/** What the client is told of a command. */
async function told({ ask, tell }: Session, command: SessionCommand): Promise<string[]> {
  const names: string[] = [];
  for (const due of await ask(command)) {
    for (const message of await tell(due)) {
      names.push('offset' in message ? `${message.type} ${message.offset}` : message.type);
    }
  }
  return names;
}

const seconds = (count: number): SessionCommand => ({ type: 'push', samples: new Float32Array(16_000 * count) });

test('two seconds of audio are made durable behind their events, then acknowledged; the end always is', async () => {
  const session = await openedOver(createMemoryStore(), async () => [final('one')]);
  expect(await told(session, seconds(1))).toEqual(['final 0']);
  expect(await told(session, seconds(1))).toEqual(['final 1', 'ack']);
  expect(await told(session, { type: 'finalize' })).toEqual(['final 2']);
  expect(await told(session, { type: 'finalize' })).toEqual([]);
  expect(await told(session, seconds(0.5))).toEqual(['final 3']);
  expect(await told(session, { type: 'end' })).toEqual(['final 4', 'ack', 'closed']);
});

test('a store that fails is warned of once, and tried again when a client that waits says so, one try at a time', async () => {
  const store = createMemoryStore();
  let isFull = false;
  const save: SessionStore['save'] = async (...given) => {
    if (isFull) throw new HearkenError('session/store', 'Expected space');
    return store.save(...given);
  };
  const session = await openedOver({ ...store, save }, async () => []);
  isFull = true;
  expect(await told(session, seconds(2))).toEqual(['warning']);
  expect(await told(session, seconds(2))).toEqual([]);
  isFull = false;
  expect(await told(session, { type: 'keepAlive' })).toEqual([]); // a second has not passed
  await session.ask({ type: 'save' });
  expect(await session.ask({ type: 'keepAlive' })).toEqual([]);
  expect(await told(session, seconds(2))).toEqual(['ack']);
});

test('what is wrong with a stream is told in its turn, not when it is asked', async () => {
  const session = await openedOver(createMemoryStore(), () => Promise.reject(new HearkenError('engine/failed', 'x')));
  const asked: readonly Due[] = await session.ask(seconds(1));
  const answers = Promise.all(asked.map(session.tell));
  await expect(answers).rejects.toMatchObject({ code: 'engine/failed' });
});

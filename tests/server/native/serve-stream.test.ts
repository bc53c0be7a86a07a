import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { RemoteStream } from '../../../server/engine/remote-stream.ts';
import { serveNative } from '../../../server/native/serve-stream.ts';
import { createSessionMetrics } from '../../../server/session-metrics.ts';
import { createInstruments } from '../../../server/instruments.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import type { Connection, DrainReason, SocketMessage } from '../../../server/websockets.ts';
import { createBoundedQueue } from '../../../src/queue/bounded-queue.ts';
import type { RecognitionEvent } from '../../../src/recognizer/events.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that a test writes to; what it was closed with is kept. */
function fakeConnection() {
  const inbox = createBoundedQueue<SocketMessage>({ policy: 'block', capacity: 1_000 });
  const sent: string[] = [];
  let code: number | undefined;
  let drainReason: DrainReason | undefined;
  const connection: Connection = {
    path: '/',
    headers: {},
    messages: inbox,
    send: async (text) => {
      sent.push((JSON.parse(text) as { type: string }).type);
    },
    close: (given) => {
      code ??= given;
      inbox.close();
    },
    drain: (why) => {
      drainReason ??= why;
      inbox.end();
    },
    drainReason: () => drainReason,
    bufferedBytes: () => 0,
    closed: new Promise(() => {}),
    pausedSeconds: () => 0,
  };
  const say = (message: object): void => inbox.put({ type: 'text', text: JSON.stringify(message) });
  return {
    connection,
    sent,
    say,
    sayBytes: (bytes: Uint8Array) => inbox.put({ type: 'binary', bytes }),
    leave: inbox.end,
    closedWith: () => code,
  };
}

/** A server whose engine hears nothing until it is told to. */
function slowServer() {
  let hearAll = (): void => {};
  const heard = new Promise<readonly []>((resolve) => {
    hearAll = () => resolve([]);
  });
  const stream: RemoteStream = {
    push: () => heard,
    flush: () => heard,
    snapshot: async () => ({
      state: new Uint8Array(0),
      resamplerTail: new Float32Array(0),
      resamplerPhase: 0,
      samplesHeard: 0,
      samplesBefore: 0,
    }),
    room: async () => {
      await heard;
    },
    queuedSeconds: () => 0,
    close: () => undefined,
  };
  const options = {
    store: createMemoryStore(),
    owner: 'server-1',
    client: '',
    metrics: createSessionMetrics(createInstruments(new Registry())),
    onCoalesced: () => undefined,
    openStream: () => ({ stream, model: 'en', version: 'v1' }),
    versionFor: () => 'v1',
  };
  return { options, hearAll };
}

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000 };

describe('a client that says nothing for 10 s', () => {
  test('is closed with 4001', async () => {
    const { connection, say, closedWith } = fakeConnection();
    const served = serveNative(connection, slowServer().options);
    say(START);
    await vi.advanceTimersByTimeAsync(9_000);
    say({ type: 'KeepAlive' });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(closedWith()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_001);
    await served;
    expect(closedWith()).toBe(4001);
  });

  test('is not idle while the server is behind with what it has said, and is told that the server is alive', async () => {
    const { connection, say, sayBytes, sent, closedWith } = fakeConnection();
    const { options, hearAll } = slowServer();
    const served = serveNative(connection, options);
    say(START);
    sayBytes(new Uint8Array(3_200));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closedWith()).toBeUndefined();
    expect(sent.filter((type) => type === 'alive')).toHaveLength(30); // every 2 s
    hearAll();
    say({ type: 'CloseStream' });
    await served;
    expect(sent.filter((type) => type !== 'alive')).toEqual(['started', 'ack', 'closed']);
    expect(closedWith()).toBe(1000);
  });
});

describe('a client that has not said a word', () => {
  test('is told to come back where the server drains', async () => {
    const { connection, closedWith } = fakeConnection();
    const served = serveNative(connection, slowServer().options);
    connection.drain('restart');
    await served;
    expect(closedWith()).toBe(1012);
  });

  test('is not told that its stream has ended where it leaves', async () => {
    const { connection, leave, closedWith } = fakeConnection();
    const served = serveNative(connection, slowServer().options);
    leave();
    await served;
    expect(closedWith()).toBeUndefined();
  });
});

describe('a client that does not read', () => {
  const partial = (text: string): RecognitionEvent => ({ type: 'partial', text, words: [] });
  const final = (text: string): RecognitionEvent => ({ type: 'final', text, words: [], start: 0, end: 1 });

  /** A server that answers each chunk with the next of `answers`, and a client that reads when it is told to. */
  function talkingServer(answers: readonly RecognitionEvent[]) {
    const fake = fakeConnection();
    const { options } = slowServer();
    const told: { type: string; text?: string }[] = [];
    let pushed = 0;
    let coalesced = 0;
    let read = (): void => {};
    const reading = new Promise<void>((resolve) => {
      read = resolve;
    });
    const stream: RemoteStream = {
      ...options.openStream().stream,
      push: async () => answers.slice(pushed, ++pushed),
      flush: async () => [],
      room: async () => undefined,
    };
    const connection: Connection = {
      ...fake.connection,
      send: async (text) => {
        told.push(JSON.parse(text));
        if (told.length > 1) await reading; // `started` is read
      },
      bufferedBytes: () => 1,
    };
    const served = serveNative(connection, {
      ...options,
      onCoalesced: () => coalesced++,
      openStream: () => ({ stream, model: 'en', version: 'v1' }),
    });
    fake.say(START);
    return { ...fake, served, told, read, pushed: () => pushed, coalesced: () => coalesced };
  }

  test('gets everything in order but partials that something has replaced, which are counted', async () => {
    const answers = [
      partial('one'),
      partial('one two'),
      partial('one two three'),
      final('one'),
      final('two'),
      partial('four'),
    ];
    const { say, sayBytes, served, told, read, pushed, coalesced } = talkingServer(answers);
    for (const _ of answers) sayBytes(new Uint8Array(320));
    await vi.waitUntil(() => pushed() === answers.length);
    await vi.advanceTimersByTimeAsync(0);
    read();
    say({ type: 'CloseStream' });
    await served;
    expect(told.map(({ type, text }) => text ?? type)).toEqual([
      'started',
      'one',
      'one',
      'two',
      'four',
      'ack',
      'closed',
    ]);
    expect(coalesced()).toBe(2);
  });

  test('is not heard beyond a bound, and heard to its end as soon as it reads', async () => {
    const answers = Array.from({ length: 900 }, (_, index) => final(String(index)));
    const { say, sayBytes, served, told, read, pushed } = talkingServer(answers);
    for (const _ of answers) sayBytes(new Uint8Array(320));
    await vi.advanceTimersByTimeAsync(1_000);
    const heard = pushed();
    expect(heard).toBeGreaterThan(64);
    expect(heard).toBeLessThan(400);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pushed()).toBe(heard);
    read();
    say({ type: 'CloseStream' });
    await served;
    expect(told.filter(({ type }) => type === 'final')).toHaveLength(900);
  });
});

test('a client that leaves while its session is made durable leaves no stream open', async () => {
  const { connection, say, leave } = fakeConnection();
  const { options } = slowServer();
  let isClosed = false;
  let save = (): void => {};
  const saving = new Promise<void>((resolve) => {
    save = resolve;
  });
  const stream = {
    ...options.openStream().stream,
    close: () => {
      isClosed = true;
    },
  };
  const store = {
    ...options.store,
    save: async (...given: Parameters<typeof options.store.save>) => {
      await saving;
      return options.store.save(...given);
    },
  };
  const served = serveNative(connection, {
    ...options,
    store,
    openStream: () => ({ stream, model: 'en', version: 'v1' }),
  });
  say(START);
  leave();
  await vi.advanceTimersByTimeAsync(0);
  save();
  await served;
  await vi.advanceTimersByTimeAsync(0);
  expect(isClosed).toBe(true);
});

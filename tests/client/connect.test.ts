import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { type ClientStream, connect, type ConnectOptions } from '../../client/index.ts';
import type { ClientMessage, ServerMessage } from '../../client/protocol.ts';
import type { WebSocketLike } from '../../client/web-socket.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Told = { readonly data: string };

/** A class of sockets whose server is the test; the newest one is `current`. */
function scriptedSockets() {
  const opened: ScriptedSocket[] = [];
  class ScriptedSocket implements WebSocketLike {
    binaryType = '';
    readyState = 1;
    readonly bufferedAmount = 0;
    onopen: (() => void) | null = null;
    onmessage: ((event: Told) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    onerror: ((event: { message: string }) => void) | null = null;
    readonly received: (ClientMessage | Uint8Array)[] = [];

    constructor() {
      opened.push(this);
    }

    send(data: string | Uint8Array): void {
      if (this.readyState !== 1) throw new Error('WebSocket is already in CLOSING or CLOSED state.');
      this.received.push(typeof data === 'string' ? (JSON.parse(data) as ClientMessage) : data);
    }

    close(): void {
      this.onclose?.({ code: 1000, reason: '' });
    }

    tell(message: ServerMessage): void {
      this.onmessage?.({ data: JSON.stringify(message) });
    }
  }
  const current = (): ScriptedSocket => opened.at(-1)!; // asked for after `connect`
  return { WebSocket: ScriptedSocket, current, count: () => opened.length };
}

/** Why the next event does not come. */
function failureOf({ events }: ClientStream): Promise<unknown> {
  return events.next().catch((error: unknown) => error);
}

const STARTED: ServerMessage = { type: 'started', session: 's', epoch: 'e', model: 'en' };
const ALIVE: ServerMessage = { type: 'started', session: 's', epoch: 'e', model: 'en', aliveEverySeconds: 2 };
const RESUMED: ServerMessage = { type: 'resumed', recovered: true, epoch: 'e', ackedSamples: 2, fromEventOffset: 0 };

test('what was wrong before the stream went on is not why it ends later', async () => {
  const { WebSocket, current, count } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  await stream.send(new Uint8Array(4));
  current().onopen?.();
  current().tell(STARTED);
  current().tell({ type: 'error', code: 'session/store', message: 'Expected to save a session, got ENOSPC' });
  current().onclose?.({ code: 1011, reason: '' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count()).toBe(2);
  current().onopen?.();
  current().tell(RESUMED);
  current().onclose?.({ code: 1008, reason: '' });
  await expect(stream.events.next()).rejects.toMatchObject({ code: 'client/closed' });
});

test.each<[string, ServerMessage[], string]>([
  ['acknowledges what was not sent', [STARTED, { type: 'ack', samples: 2 }], 'at most the 1 samples sent, got 2'],
  ['starts twice', [STARTED, STARTED], 'one answer from the server, got `started`'],
  ['goes on with a stream that is new', [RESUMED], '`started` from the server, got `resumed`'],
  ['ends a stream that did not begin', [{ type: 'closed', samples: 0 }], '`started` from the server first'],
  ['tells of a stream that did not begin', [{ type: 'partial', text: '', words: [] }], 'first, got `partial`'],
])('a stream ends with an error where the server %s', async (_, messages, got) => {
  const { WebSocket, current } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  await stream.send(new Uint8Array(2));
  current().onopen?.();
  for (const message of messages) current().tell(message);
  expect(await failureOf(stream)).toMatchObject({ code: 'client/bad-message', message: expect.stringContaining(got) });
});

test('a stream ends with an error where the server starts it anew instead of going on', async () => {
  const { WebSocket, current } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  current().onopen?.();
  current().tell(STARTED);
  current().onclose?.({ code: 1006, reason: '' });
  await vi.advanceTimersByTimeAsync(1_000);
  current().onopen?.();
  current().tell(STARTED);
  expect(await failureOf(stream)).toMatchObject({
    message: 'Expected `resumed` from the server, got `started`',
  });
});

test('a stream that the server refuses ends with what the server says', async () => {
  const { WebSocket, current } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, model: 'no', WebSocket });
  current().onopen?.();
  current().tell({ type: 'error', code: 'model/unknown-id', message: 'Expected a model of this server, got no' });
  current().onclose?.({ code: 1008, reason: '' });
  await expect(stream.events.next()).rejects.toMatchObject({ code: 'model/unknown-id' });
  await expect(stream.send(new Uint8Array(2))).rejects.toMatchObject({ code: 'model/unknown-id' });
});

test('what was sent and not acknowledged is sent again, in its order, from where the server stands', async () => {
  const { WebSocket, current } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  await stream.send(Uint8Array.of(1, 0, 2, 0));
  current().onopen?.();
  current().tell(STARTED);
  await stream.send(Uint8Array.of(3, 0, 4, 0));
  stream.finalize();
  await stream.send(Uint8Array.of(5, 0));
  current().onclose?.({ code: 1006, reason: '' });
  await stream.send(Uint8Array.of(6, 0));
  stream.close();
  await vi.advanceTimersByTimeAsync(1_000);
  current().onopen?.();
  expect(current().received).toEqual([
    { type: 'resume', session: 's', epoch: 'e', lastEventOffset: -1, firstSample: 0 },
  ]);
  current().tell(RESUMED);
  expect(current().received.slice(1)).toEqual([
    Uint8Array.of(3, 0, 4, 0),
    { type: 'Finalize' },
    Uint8Array.of(5, 0),
    Uint8Array.of(6, 0),
    { type: 'CloseStream' },
  ]);
});

test('a stream whose signal has gone off already opens no connection', () => {
  const { WebSocket, count } = scriptedSockets();
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  expect(() => connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket, signal })).toThrow(reason);
  expect(count()).toBe(0);
});

test('what is sent while a connection closes goes with the next one', async () => {
  const { WebSocket, current } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  current().onopen?.();
  current().tell(STARTED);
  current().readyState = 3; // browsers say so before they tell of the close
  await stream.send(Uint8Array.of(1, 0));
  stream.close();
  current().onclose?.({ code: 1006, reason: '' });
  await vi.advanceTimersByTimeAsync(1_000);
  current().onopen?.();
  current().tell({ ...RESUMED, ackedSamples: 0 });
  expect(current().received.slice(1)).toEqual([Uint8Array.of(1, 0), { type: 'CloseStream' }]);
});

test('a stream that may not try again ends with its first connection', async () => {
  const { WebSocket, current, count } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket, tries: 0 });
  current().onclose?.({ code: 1006, reason: '' });
  await expect(stream.events.next()).rejects.toMatchObject({ code: 'client/unreachable' });
  expect(count()).toBe(1);
});

test.each([-1, 1.5, Number.NaN])('%s tries are refused', (tries) => {
  const { WebSocket, count } = scriptedSockets();
  expect(() => connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket, tries })).toThrow(
    `Expected \`tries\` to be a whole number from 0 on, got ${tries}`,
  );
  expect(count()).toBe(0);
});

describe('a silence of the server', () => {
  const open = (options: Partial<ConnectOptions> = {}) => {
    const states: unknown[] = [];
    const sockets = scriptedSockets();
    const { WebSocket, current } = sockets;
    const onState = (...state: unknown[]): unknown => states.push(state);
    const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket, onState, ...options });
    return { ...sockets, states, stream, answer: () => current().onopen?.() };
  };

  test('of ten seconds ends a connection, and the stream is resumed', async () => {
    const { current, count, states, answer } = open();
    answer();
    current().tell(ALIVE);
    for (let at = 0; at < 20; at++) {
      await vi.advanceTimersByTimeAsync(2_000);
      current().tell({ type: 'alive' });
    }
    expect(states).toEqual([['open']]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states.at(-1)).toEqual(['lost', 'no word from the server for 10 s']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(count()).toBe(2);
    answer();
    expect(current().received[0]).toMatchObject({ type: 'resume', session: 's' });
  });

  test('before the first answer is a handshake that failed', async () => {
    const { count, states, stream } = open({ lostAfterMs: 3_000, tries: 1 });
    const next = failureOf(stream);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(states).toEqual([['lost', 'no word from the server for 3 s']]);
    await vi.advanceTimersByTimeAsync(1_000 + 3_000);
    expect(await next).toMatchObject({ code: 'client/unreachable' });
    expect(count()).toBe(2);
  });

  test('means nothing where an older server promises no words', async () => {
    const { current, states, answer } = open();
    answer();
    current().tell(STARTED);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(states).toEqual([['open']]);
  });

  test('is never shorter than twice the interval that the server promises', async () => {
    const { current, states, answer } = open({ lostAfterMs: 1_000 });
    answer();
    current().tell(ALIVE);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(states).toEqual([['open']]);
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toEqual(['lost', 'no word from the server for 4 s']);
  });

  test.each([0, 999, 3_600_001, Number.NaN, Infinity])('of %s ms is refused as an option', (lostAfterMs) => {
    expect(() => open({ lostAfterMs })).toThrow(
      `Expected \`lostAfterMs\` to be a number in 1000..3600000, got ${lostAfterMs}`,
    );
  });
});

test('a first connection whose failure the platform hides is tried twice more', async () => {
  const { WebSocket, current, count } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket, tries: Infinity });
  const next = failureOf(stream);
  for (const wait of [1_000, 2_000, 4_000]) {
    current().onclose?.({ code: 1006, reason: '' });
    await vi.advanceTimersByTimeAsync(wait);
  }
  expect(await next).toMatchObject({ code: 'client/unreachable' });
  expect(count()).toBe(3);
});

test('a handshake that fails with an error and no close, as those of Node do, is tried again', async () => {
  const { WebSocket, current, count } = scriptedSockets();
  connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  current().onerror?.({ message: 'Received network error or non-101 status code.' });
  await vi.advanceTimersByTimeAsync(1_100);
  expect(count()).toBe(2);
});

test('samples of 16 bits as they are in a program are refused: bytes are wanted', async () => {
  const { WebSocket } = scriptedSockets();
  const stream = connect('ws://server', { encoding: 's16le', sampleRate: 16_000, WebSocket });
  const samples = Int16Array.of(1_000) as unknown; // what JavaScript lets pass
  await expect(stream.send(samples as Uint8Array)).rejects.toMatchObject({ code: 'client/bytes' });
});

import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import { type MessageSocket, pull, socketMessages, type QueueGauge } from '../../../streams/index.ts';
import { collect } from '../collect.ts';

/** A socket on which a test says what arrives. One of `ws` can pause: what arrives in the meantime waits with the sender. */
function fakeSocket({ canPause }: { readonly canPause: boolean }) {
  const target = new EventTarget();
  const held: Event[] = [];
  let isPaused = false;
  const deliver = (event: Event): void => {
    if (isPaused) held.push(event);
    else target.dispatchEvent(event);
  };
  const deliverHeld = (): void => {
    const event = isPaused ? undefined : held.shift();
    if (event === undefined) return;
    target.dispatchEvent(event);
    deliverHeld();
  };
  const listeners = new Set<unknown>();
  const socket = {
    binaryType: 'blob',
    addEventListener: (type: 'message' | 'close', listener: (event: object) => void) => {
      listeners.add(listener);
      target.addEventListener(type, listener);
    },
    removeEventListener: (type: 'message' | 'close', listener: (event: object) => void) => {
      listeners.delete(listener);
      target.removeEventListener(type, listener);
    },
    ...(canPause && {
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
        deliverHeld();
      },
    }),
  } satisfies MessageSocket;
  return {
    socket,
    listeners,
    held,
    isPaused: () => isPaused,
    arrives: (data: unknown) => deliver(new MessageEvent('message', { data })),
    closes: (code: number) => deliver(Object.assign(new Event('close'), { code })),
  };
}

const message = (number: number, size = 4): ArrayBuffer => new Uint8Array(size).fill(number).buffer;

test('binary messages come as bytes, in order, until an orderly close; text is left to others', async () => {
  const { socket, listeners, ...peer } = fakeSocket({ canPause: false });
  const reading = lastValueFrom(socketMessages(socket).pipe(toArray()));
  expect(socket.binaryType).toBe('arraybuffer');
  peer.arrives(message(1));
  peer.arrives('{"eof":1}');
  peer.arrives(message(2));
  peer.closes(1000);
  expect((await reading).map(([first]) => first)).toEqual([1, 2]);
  expect(listeners.size).toBe(0);
});

test('a socket that breaks is told of after what it sent', async () => {
  const { socket, ...peer } = fakeSocket({ canPause: false });
  const heard: number[] = [];
  const reading = (async () => {
    for await (const [first = 0] of pull(socketMessages(socket))) heard.push(first);
  })();
  peer.arrives(message(1));
  peer.closes(1006);
  await expect(reading).rejects.toMatchObject({ code: 'socket/closed', message: expect.stringContaining('1006') });
  expect(heard).toEqual([1]);
});

test('a socket that can pause holds its sender back when the reader stops: nothing is lost, the bound holds', async () => {
  const { socket, held, isPaused, ...peer } = fakeSocket({ canPause: true });
  let gauge: QueueGauge | undefined;
  const onGauge = (opened: QueueGauge): void => {
    gauge = opened;
  };
  const reader = pull(socketMessages(socket, { capacityBytes: 100, onGauge }))[Symbol.asyncIterator]();
  for (let number = 0; number < 250; number++) peer.arrives(message(number, 10));
  peer.closes(1000);
  expect(isPaused()).toBe(true);
  expect(gauge).toMatchObject({ capacity: 100, fill: 50, dropped: 0 });
  expect(held.length).toBe(246);
  const heard: number[] = [];
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) heard.push(next.value[0] ?? -1);
  expect(heard).toEqual(Array.from({ length: 250 }, (_, number) => number));
  expect(gauge?.highMark).toBeLessThanOrEqual(100);
});

test('a socket that cannot pause ends with an error when the reader is too slow, after what had room', async () => {
  const { socket, listeners, ...peer } = fakeSocket({ canPause: false });
  const reading = pull(socketMessages(socket, { capacityBytes: 100 }));
  for (let number = 0; number < 11; number++) peer.arrives(message(number, 10));
  expect(listeners.size).toBe(0);
  const heard: number[] = [];
  const all = (async () => {
    for await (const [first = -1] of reading) heard.push(first);
  })();
  await expect(all).rejects.toMatchObject({ code: 'queue/full' });
  expect(heard.length).toBe(10);
});

test('a message longer than the bound is refused', async () => {
  const { socket, ...peer } = fakeSocket({ canPause: true });
  const reading = collect(pull(socketMessages(socket, { capacityBytes: 100 })));
  peer.arrives(message(1, 101));
  await expect(reading).rejects.toMatchObject({ code: 'queue/item-too-large' });
});

test('a reader that leaves leaves the socket listening to others, not paused', async () => {
  const { socket, listeners, isPaused, ...peer } = fakeSocket({ canPause: true });
  const subscription = socketMessages(socket, { capacityBytes: 100 }).subscribe();
  for (let number = 0; number < 20; number++) peer.arrives(message(number, 10));
  expect(isPaused()).toBe(true);
  subscription.unsubscribe();
  expect(listeners.size).toBe(0);
  expect(isPaused()).toBe(false);
});

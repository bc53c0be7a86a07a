import { EMPTY, of } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { bounded, concatMapPulled, PullObservable, pull, type QueueGauge } from '../../streams/index.ts';
import { diagram, pushed, record, sleep } from './marbles.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refuse = { policy: 'refuse', capacity: 2 } as const;
/** A consumer that takes 3 ms for an item. */
const slowly = concatMapPulled(async (item: string, signal) => {
  await sleep(3, signal);
  return item;
});

test('items wait for a slow consumer, in order, and none is lost', async () => {
  const source = pushed<string>('-ab---(c|)');
  expect(await record(source.pipe(bounded(refuse), slowly))).toEqual(diagram('----a--b--(c|)'));
});

test('an empty source completes', async () => {
  expect(await record(EMPTY.pipe(bounded(refuse)))).toEqual(diagram('|'));
});

test('an error of the source comes after what waits', async () => {
  const error = new Error('broken');
  const source = pushed<string>('(ab#)', undefined, error);
  expect(await record(source.pipe(bounded(refuse), slowly))).toEqual(diagram('---a--(b#)', undefined, error));
});

test('an unsubscription reaches the source, and what waits is let go', async () => {
  const source = pushed<string>('ab-----c');
  let gauge: QueueGauge | undefined;
  const onGauge = (opened: QueueGauge): void => {
    gauge = opened;
  };
  const stream = source.pipe(bounded({ ...refuse, onGauge }), slowly);
  expect(await record(stream, { unsubscribeAt: 4 })).toEqual(diagram('---a'));
  expect(source.leftAt()).toBe(4);
  expect(gauge).toEqual({ capacity: 2, fill: 0, highMark: 1, dropped: 0 });
});

test('a plain source that overruns the bound ends with an error after what had room, and is left', async () => {
  const source = pushed<string>('(abcdef)--g');
  const messages = await record(source.pipe(bounded(refuse), slowly));
  expect(messages.slice(0, -1)).toEqual(diagram('---a--b--c').slice(0, 3));
  expect(messages.at(-1)).toMatchObject({ frame: 9, notification: { kind: 'E', error: { code: 'queue/full' } } });
  expect(source.leftAt()).toBe(0);
  expect((await record(of('a', 'b', 'c').pipe(bounded(refuse)))).at(-1)).toMatchObject({
    notification: { kind: 'E', error: { code: 'queue/full' } },
  });
});

test('of what later items replace only the latest waits: coalesce-latest', async () => {
  const isReplaceable = (item: string): boolean => item === item.toLowerCase();
  const source = pushed<string>('(abcdBefg|)');
  const stream = source.pipe(bounded({ policy: 'coalesce-latest', isReplaceable, capacity: 2 }), slowly);
  expect(await record(stream)).toEqual(diagram('---a--B--(g|)'));
});

test('a source that can be held back is read ahead as far as the bound, no further: block', async () => {
  let asked = 0;
  const source = new PullObservable(function* () {
    for (const item of 'abcdefgh') {
      asked++;
      yield item;
    }
  });
  const stream = source.pipe(bounded({ policy: 'block', capacity: 2 }), slowly);
  expect(await record(stream, { unsubscribeAt: 4 })).toEqual(diagram('---a'));
  expect(asked).toBe(5); // one out, one under way, two that wait, one in the hand of the writer
  expect(await record(stream)).toEqual(diagram('---a--b--c--d--e--f--g--(h|)'));
});

test('a read-ahead that nobody ever asked lets go of its source and of what waits', async () => {
  let isClosed = false;
  const source = new PullObservable(function* () {
    try {
      while (true) yield 'a';
    } finally {
      isClosed = true;
    }
  });
  let gauge: QueueGauge | undefined;
  const onGauge = (opened: QueueGauge): void => {
    gauge = opened;
  };
  const unasked = pull(source.pipe(bounded({ policy: 'block', capacity: 2, onGauge })))[Symbol.asyncIterator]();
  await vi.advanceTimersByTimeAsync(1);
  expect(gauge?.fill).toBe(2);
  await unasked.return?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(gauge?.fill).toBe(0);
  expect(isClosed).toBe(true);
});

test('a plain Observable, which cannot be held back, is refused by policy block', () => {
  expect(() => of(1).pipe(bounded({ policy: 'block', capacity: 2 }))).toThrow(
    expect.objectContaining({ code: 'queue/policy' }),
  );
});

import { EMPTY, type Observable } from 'rxjs';
import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest';

import { concatMapPulled } from '../../streams/index.ts';
import { diagram, pushed, record, sleep } from './marbles.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const upperCase = concatMapPulled(async (letter: string, signal) => {
  await sleep(2, signal);
  return letter.toUpperCase();
});

test('items are projected one after the other, in order, however fast they come', async () => {
  expect(await record(pushed<string>('abc---d|').pipe(upperCase))).toEqual(diagram('--A-B-C-(D|)'));
  const lengths = pushed<string>('a').pipe(concatMapPulled((item) => item.length));
  expectTypeOf(lengths).toEqualTypeOf<Observable<number>>();
});

test('an empty source completes', async () => {
  expect(await record(EMPTY.pipe(upperCase))).toEqual(diagram('|'));
});

test('an error of the source comes after what it gave before', async () => {
  const error = new Error('broken');
  expect(await record(pushed<string>('ab#', undefined, error).pipe(upperCase))).toEqual(
    diagram('--A-(B#)', undefined, error),
  );
});

test.each([
  ['rejects', async () => Promise.reject(new Error('broken'))],
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
])('a projection that %s ends the stream and leaves the source', async (_, project) => {
  const source = pushed<string>('-a-b-c|');
  expect(await record(source.pipe(concatMapPulled(project)))).toEqual(diagram('-#', undefined, new Error('broken')));
  expect(source.leftAt()).toBe(1);
});

test('an unsubscription aborts the projection under way and leaves the source', async () => {
  const source = pushed<string>('ab|');
  let reason: unknown;
  const project = async (item: string, signal: AbortSignal): Promise<string> => {
    await sleep(5, signal).catch((error: unknown) => {
      reason = error;
    });
    return item;
  };
  expect(await record(pushed<string>('a').pipe(concatMapPulled(project)), { unsubscribeAt: 3 })).toEqual([]);
  expect(reason).toMatchObject({ code: 'stream/unsubscribed' });
  await record(source.pipe(upperCase), { unsubscribeAt: 1 });
  expect(source.leftAt()).toBe(1);
});

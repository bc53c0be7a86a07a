import { firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import { PullObservable, pull } from '../../streams/index.ts';
import { collect } from './collect.ts';

/** Counts from 0 for ever; tells what became of its sources. */
function counter(): PullObservable<number> & { readonly asked: number[]; readonly closed: () => number } {
  const asked: number[] = [];
  let closed = 0;
  const source = new PullObservable(async function* () {
    const own = asked.push(0) - 1;
    try {
      for (let count = 0; ; count++) {
        asked[own] = count + 1;
        yield count;
      }
    } finally {
      closed++;
    }
  });
  return Object.assign(source, { asked, closed: () => closed });
}

test('a source is opened anew by each subscription and each pull', async () => {
  const source = new PullObservable(() => ['a', 'b']);
  expect(await lastValueFrom(source.pipe(toArray()))).toEqual(['a', 'b']);
  expect(await collect(pull(source))).toEqual(['a', 'b']);
});

test('a source is asked for no more than is taken, and closed when its reader leaves', async () => {
  const source = counter();
  for await (const count of pull(source)) if (count === 2) break;
  expect(source.asked).toEqual([3]);
  expect(source.closed()).toBe(1);
});

test('an unsubscription closes the source', async () => {
  const source = counter();
  expect(await lastValueFrom(source.pipe(take(3), toArray()))).toEqual([0, 1, 2]);
  await expect.poll(source.closed).toBe(1);
  expect(source.asked).toEqual([3]);
});

test('an abort ends a reading at once, even while an item is awaited that never comes', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  let told: AbortSignal | undefined;
  const source = new PullObservable<number>((signal) => {
    told = signal;
    return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  });
  const reading = collect(pull(source, controller.signal));
  controller.abort(reason);
  await expect(reading).rejects.toBe(reason);
  expect(told?.reason).toBe(reason);
});

test('under a signal that is aborted already nothing is opened', async () => {
  let isOpened = false;
  const source = new PullObservable(() => {
    isOpened = true;
    return [1];
  });
  const reason = new Error('enough');
  await expect(collect(pull(source, AbortSignal.abort(reason)))).rejects.toBe(reason);
  expect(isOpened).toBe(false);
});

test('whoever is opened is told when it is over, asked or not', async () => {
  const signals: AbortSignal[] = [];
  const source = new PullObservable((signal) => {
    signals.push(signal);
    return [1];
  });
  await collect(pull(source));
  const [iterator] = [pull(source)[Symbol.asyncIterator]()];
  await iterator.return?.();
  await firstValueFrom(source);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

test('errors come through, of the source and of its opening', async () => {
  const broken = new PullObservable(async function* () {
    yield 1;
    throw new Error('broken');
  });
  await expect(lastValueFrom(broken)).rejects.toThrow('broken');
  await expect(collect(pull(broken))).rejects.toThrow('broken');
  const never = new PullObservable<number>(() => {
    throw new Error('not opened');
  });
  await expect(lastValueFrom(never)).rejects.toThrow('not opened');
});

test('operators of RxJS take it for a plain Observable', async () => {
  const source = new PullObservable(() => [1, 2, 3]).pipe(map((value) => 2 * value));
  expect(source).not.toBeInstanceOf(PullObservable);
  expect(await collect(pull(source))).toEqual([2, 4, 6]);
});

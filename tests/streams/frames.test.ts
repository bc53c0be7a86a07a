import fc from 'fast-check';
import { concatMap, from, lastValueFrom, type Observable, of, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, expectTypeOf, test } from 'vitest';

import { frames, PullObservable, pull } from '../../streams/index.ts';
import { cut, cutsArbitrary } from '../audio/chunking.ts';
import { collect } from './collect.ts';

const options = { frameLength: 4, hopLength: 2 };
const chunks = { a: Float32Array.of(0, 1, 2), b: Float32Array.of(3, 4, 5, 6), n: new Float32Array(0) };
const whole = { x: Float32Array.of(0, 1, 2, 3), y: Float32Array.of(2, 3, 4, 5) };

/** Runs marbles in RxJS's own virtual time. */
function runMarbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

test('frames come with the chunk that completes them', () => {
  runMarbles(({ hot, expectObservable }) => {
    expectObservable(hot('-a-n-b---|', chunks).pipe(frames(options))).toBe('-----(xy)|', whole);
  });
  expectTypeOf(of(Int32Array.of(1)).pipe(frames(options))).toEqualTypeOf<Observable<Int32Array<ArrayBuffer>>>();
});

test('an empty source completes', () => {
  runMarbles(({ cold, expectObservable }) => {
    expectObservable(cold('--|', chunks).pipe(frames(options))).toBe('--|');
  });
});

test('an error of the source comes through at once', () => {
  runMarbles(({ cold, expectObservable }) => {
    expectObservable(cold('a-#', chunks).pipe(frames(options))).toBe('--#');
  });
});

test('an unsubscription reaches the source', () => {
  runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a---b---a', chunks);
    expectObservable(source.pipe(frames(options)), '^------!').toBe('-----(xy)', whole);
    expectSubscriptions(source.subscriptions).toBe('^------!');
  });
});

test('each subscription begins with a frame of its own', async () => {
  const framed = from([chunks.a, chunks.b]).pipe(frames(options));
  expect(await lastValueFrom(framed.pipe(toArray()))).toEqual([whole.x, whole.y]);
  expect(await lastValueFrom(framed.pipe(toArray()))).toEqual([whole.x, whole.y]);
});

test('frame n begins at token n times the hop, however the tokens were cut', async () => {
  const tokens = Int32Array.from({ length: 100 }, (_, index) => 7 * index);
  const property = fc.asyncProperty(
    cutsArbitrary,
    fc.integer({ min: 1, max: 120 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    async (cuts, frameLength, part) => {
      const hopLength = Math.max(1, Math.floor(part * frameLength));
      const pieces = new PullObservable(() => cut(tokens, cuts));
      const got = await collect(pull(pieces.pipe(frames({ frameLength, hopLength }))));
      const count = Math.max(0, 1 + Math.floor((100 - frameLength) / hopLength));
      expect(got).toEqual(
        Array.from({ length: count }, (_, index) => tokens.slice(index * hopLength, index * hopLength + frameLength)),
      );
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

test('behind a source that can be held back it is asked for no more than is taken', async () => {
  let asked = 0;
  const source = new PullObservable(function* () {
    for (;;) {
      asked++;
      yield chunks.b;
    }
  });
  for await (const frame of pull(source.pipe(frames(options)))) if (frame[0] === 5) break;
  expect(asked).toBe(2);
});

test('frames that no signal has are refused', () => {
  expect(() => frames({ frameLength: 4, hopLength: 5 })).toThrow(
    'Expected `hopLength` to be an integer in 1..4, got 5',
  );
  expect(() => frames({ frameLength: 0, hopLength: 1 })).toThrow(
    expect.objectContaining({ code: 'option/out-of-range' }),
  );
});

test('an error in what follows reaches the source', () => {
  runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a---b---a', chunks);
    const fails = source.pipe(
      frames(options),
      concatMap(() => {
        throw 'error';
      }),
    );
    expectObservable(fails).toBe('-----#');
    expectSubscriptions(source.subscriptions).toBe('^----!');
  });
});

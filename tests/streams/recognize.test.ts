import { EMPTY, lastValueFrom, NEVER, type Observable, of, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';

import type { Model, RecognitionEvent } from '../../src/index.ts';
import { createModel } from '../../src/recognizer/model.ts';
import { PullObservable, pull, recognize } from '../../streams/index.ts';
import { cut } from '../audio/chunking.ts';
import { onnxTiny, tinyEngine, tones } from '../recognizer/tiny-engine.ts';
import { collect } from './collect.ts';
import { fakeRecognizer, final, partial } from './fake-recognizer.ts';
import { diagram, pushed, record } from './marbles.ts';

const chunks = { a: Float32Array.of(1), b: Float32Array.of(2), c: Float32Array.of(3), n: Float32Array.of(Number.NaN) };
const heard = { a: partial('1'), b: partial('2'), c: partial('3'), C: final('3'), O: final('') };

describe('in virtual time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('chunks are heard one at a time, in order, while later ones wait', async () => {
    const stream = pushed('-abc|', chunks).pipe(recognize(fakeRecognizer(3)));
    expectTypeOf(stream).toEqualTypeOf<Observable<RecognitionEvent>>();
    expect(await record(stream)).toEqual(diagram('----a--b--(cC)', heard).concat(diagram('----------|')));
  });

  test('an empty source ends the stream of the model', async () => {
    expect(await record(EMPTY.pipe(recognize(fakeRecognizer(3))))).toEqual(diagram('(O|)', heard));
  });

  test('an error of the source comes after what was heard before it', async () => {
    const error = new Error('broken');
    const stream = pushed('a#', chunks, error).pipe(recognize(fakeRecognizer(3)));
    expect(await record(stream)).toEqual(diagram('---(a#)', heard, error));
  });

  test('an error of the model ends the stream and leaves the source', async () => {
    const source = pushed('an-------a', chunks);
    const messages = await record(source.pipe(recognize(fakeRecognizer(3))));
    expect(messages).toEqual(diagram('---a--#', heard, new Error('not a number')));
    expect(source.leftAt()).toBe(6);
  });

  test('an unsubscription aborts the step under way and leaves the source', async () => {
    const source = pushed('ab', chunks);
    const model = fakeRecognizer(3);
    expect(await record(source.pipe(recognize(model)), { unsubscribeAt: 5 })).toEqual(diagram('---a', heard));
    expect(model.aborted).toMatchObject([{ code: 'stream/closed' }]);
    expect(model.isBusy()).toBe(false);
    expect(model.openCount()).toBe(0);
    expect(source.leftAt()).toBe(5);
  });

  test('a recognizer with room is given chunks ahead; what it tells comes in order, a broken source last', async () => {
    const error = new Error('broken');
    const model = fakeRecognizer(3, { ahead: 2 });
    const stream = pushed('abc#', chunks, error).pipe(recognize(model));
    expect(await record(stream)).toEqual(diagram('---a--b--(c#)', heard, error));
    expect(model.openCount()).toBe(0);
  });

  test('a stream that nobody iterates is closed when its listener has left', () => {
    const model = fakeRecognizer(3);
    const controller = new AbortController();
    pull(NEVER.pipe(recognize(model)), controller.signal);
    expect(model.openCount()).toBe(1);
    controller.abort();
    expect(model.openCount()).toBe(0);
  });

  test('an unsubscription ends a stream that waits for sound', async () => {
    const model = fakeRecognizer(3);
    expect(await record(NEVER.pipe(recognize(model)), { unsubscribeAt: 5 })).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('with a model', () => {
  let model: Model;
  /** What a call of a cell waits for. */
  let gate = Promise.resolve();
  let calls = 0;
  beforeEach(async () => {
    const executor = await onnxTiny();
    const run: typeof executor.run = async (...call) => {
      calls++;
      await gate;
      return executor.run(...call);
    };
    model = createModel(await tinyEngine({ ...executor, run }));
  });
  afterEach(() => model[Symbol.asyncDispose]());

  test('gives what the model gives without RxJS, from a plain source and from one that is held back', async () => {
    const audio = cut(tones(8, 3), [0.1, 0.3, 0.35, 0.7, 0.99]);
    const expected = await collect(model.stream(audio));
    expect(expected.some(({ type }) => type === 'final')).toBe(true);
    expect(await lastValueFrom(of(...audio).pipe(recognize(model), toArray()))).toEqual(expected);
    expect(await collect(pull(new PullObservable(() => audio).pipe(recognize(model))))).toEqual(expected);
  });

  test('refuses what the model refuses', async () => {
    let told: AbortSignal | undefined;
    const source = new PullObservable((signal) => {
      told = signal;
      return [tones(1)];
    });
    const stream = source.pipe(recognize(model, { grammar: 'colours' }));
    await expect(lastValueFrom(stream)).rejects.toMatchObject({ code: 'grammar/unknown-name' });
    expect(told?.aborted).toBe(true);
    expect(() => pull(stream)).toThrow(expect.objectContaining({ code: 'grammar/unknown-name' }));
    await expect(lastValueFrom(of(chunks.n).pipe(recognize(model)))).rejects.toMatchObject({
      code: 'audio/non-finite-sample',
    });
  });

  test('calls no cell of the model any more after an unsubscription in the middle of a step', async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    calls = 0;
    const subscription = of(tones(20)).pipe(recognize(model)).subscribe();
    await expect.poll(() => calls).toBe(1);
    subscription.unsubscribe();
    open();
    await collect(model.stream([tones(1)])); // time enough for another call
    const ofOneSecond = calls - 1;
    calls = 0;
    await collect(model.stream([tones(1)]));
    expect(ofOneSecond).toBe(calls);
  });
});

import { EMPTY, lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';

import type { Encoding, Model, RecognitionEvent } from '../../src/index.ts';
import { createModel } from '../../src/recognizer/model.ts';
import { decode, encode, PullObservable, pull } from '../../streams/index.ts';
import { cut, expectSameBits, join } from '../audio/chunking.ts';
import { onnxTiny, TINY_CONFIG, tinyEngine, tones } from '../recognizer/tiny-engine.ts';
import { collect } from './collect.ts';

let model: Model;
/** Reasons that an encoding under way was ended for. */
const aborted: unknown[] = [];

beforeAll(async () => {
  const whole = createModel(await tinyEngine(await onnxTiny()));
  model = {
    ...whole,
    encode: (chunks, options = {}) => {
      options.signal?.addEventListener('abort', () => aborted.push(options.signal?.reason));
      return whole.encode(chunks, options);
    },
  };
});
afterAll(() => model[Symbol.asyncDispose]());

const audio = tones(8, 3);
const chunks = cut(audio, [0.1, 0.3, 0.3, 0.35, 0.7, 0.99]);
const source = new PullObservable(() => chunks);

test('one after the other they give what the model gives at once', async () => {
  const expected = await collect(model.stream(chunks));
  expect(expected.some(({ type }) => type === 'final')).toBe(true);
  const stream = source.pipe(encode(model), decode(model));
  expectTypeOf(stream).toEqualTypeOf<Observable<RecognitionEvent>>();
  expect(await collect(pull(stream))).toEqual(expected);
  expect(await lastValueFrom(of(...chunks).pipe(encode(model), decode(model), toArray()))).toEqual(expected);
});

test('vectors, readouts and log-probabilities of all moments come, each once, in order', async () => {
  const encodings = await collect(pull(source.pipe(encode(model))));
  const [whole] = await collect(model.encode([audio.subarray(0, 2 * 16_000)]));
  const { units } = TINY_CONFIG.encoder;
  let next = 0;
  for (const { first, vectors, readouts, logProbabilities, secondsPerVector } of encodings) {
    const count = vectors.length / units;
    expect(first).toBe(next);
    expect(readouts.length).toBe(count * TINY_CONFIG.memory.depth);
    expect(logProbabilities.length).toBe(count * (TINY_CONFIG.vocabulary.labels.length + 1));
    expect(secondsPerVector).toBe(0.04);
    next += count;
  }
  expect(next).toBe(208); // 8 s and the silence after the end
  const start = join(encodings.map(({ vectors }) => vectors)).subarray(0, whole?.vectors.length);
  expect(Math.max(...start.map((value, at) => Math.abs(value - (whole?.vectors[at] ?? 9))))).toBeLessThan(1e-5);
});

test('encodings that were kept are decoded again with another grammar', async () => {
  const kept = await collect(pull(source.pipe(encode(model))));
  const before = structuredClone(kept);
  const ones = await collect(pull(of(...kept).pipe(decode(model, { grammar: ['one'] }))));
  expect(ones).toEqual(await collect(model.stream(chunks, { grammar: ['one'] })));
  expect(await collect(model.decode(kept, { decoder: 'ctc' }))).toEqual(
    await collect(model.stream(chunks, { decoder: 'ctc' })),
  );
  expectSameBits(join(kept.map(({ readouts }) => readouts)), join(before.map(({ readouts }) => readouts)));
});

test('of an empty source there is one encoding without vectors, in which nothing is said', async () => {
  const encodings = await lastValueFrom(EMPTY.pipe(encode(model), toArray()));
  expect(encodings).toMatchObject([{ first: 0, vectors: new Float32Array(0), readouts: new Float32Array(0) }]);
  expect(await lastValueFrom(EMPTY.pipe(decode(model), toArray()))).toEqual([]);
  expect(await collect(model.decode(encodings))).toEqual([]);
});

test('errors of the source come through', async () => {
  const broken = throwError(() => new Error('broken'));
  await expect(lastValueFrom(broken.pipe(encode(model)))).rejects.toThrow('broken');
  await expect(lastValueFrom(broken.pipe(decode(model)))).rejects.toThrow('broken');
});

test('what the model refuses is given to the subscriber', async () => {
  await expect(lastValueFrom(of(Float32Array.of(Number.NaN)).pipe(encode(model)))).rejects.toMatchObject({
    code: 'audio/non-finite-sample',
  });
  const encodings = await collect(pull(source.pipe(encode(model))));
  const gap = of(...encodings.filter((_, index) => index !== 1));
  await expect(lastValueFrom(gap.pipe(decode(model)))).rejects.toMatchObject({
    code: 'decode/order',
    message: expect.stringMatching(/vector \d+ next, got one that begins with vector \d+$/),
  });
  await expect(lastValueFrom(gap.pipe(decode(model, { grammar: 'colours' })))).rejects.toMatchObject({
    code: 'grammar/unknown-name',
  });
});

test('an unsubscription aborts the encoding under way', async () => {
  aborted.length = 0;
  const events: RecognitionEvent[] = [];
  const encodings: Encoding[] = [];
  const subscription = source.pipe(encode(model)).subscribe((encoding) => {
    encodings.push(encoding);
    subscription.unsubscribe();
  });
  await expect.poll(() => encodings.length).toBe(1);
  expect(aborted).toMatchObject([{ code: 'stream/unsubscribed' }]);
  const decoding = source.pipe(encode(model), decode(model)).subscribe((event) => {
    events.push(event);
    decoding.unsubscribe();
  });
  await expect.poll(() => events.length).toBe(1);
  expect(aborted.length).toBe(2);
});

/** Streams of a model that are pushed, flushed, saved and gone on with by hand. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Executor } from '../../src/cell/executor.ts';
import type { Model, RecognitionEvent, RecognizerStream, StreamSnapshot } from '../../src/index.ts';
import { createModel } from '../../src/recognizer/model.ts';
import { cut } from '../audio/chunking.ts';
import { collect } from '../streams/collect.ts';
import { settled } from './listen.ts';
import { onnxTiny, tinyEngine, tones } from './tiny-engine.ts';

let executors: readonly Executor[];
let model: Model;
/** The same model in another process would be no other: it shares nothing with the first. */
let fresh: Model;
beforeAll(async () => {
  executors = [await onnxTiny(), await onnxTiny()];
  const [first, second] = await Promise.all(executors.map((executor) => tinyEngine(executor)));
  model = createModel(first!); // two for two
  fresh = createModel(second!);
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await fresh[Symbol.asyncDispose]();
});

const wordsOf = (events: readonly RecognitionEvent[]): unknown[] =>
  settled(events.filter(({ type }) => type === 'final' || type === 'endpoint' || type === 'binned-attention'));

async function rest(stream: RecognizerStream, samples: Float32Array): Promise<readonly RecognitionEvent[]> {
  const events = [...(await stream.push(samples)), ...(await stream.flush())];
  stream.close();
  return events;
}

/** As bytes in a file would bring it back. */
const copied = (snapshot: StreamSnapshot): StreamSnapshot => structuredClone(snapshot);

test('a stream that is pushed tells what one that is iterated tells', async () => {
  const chunks = cut(tones(8, 3), [0.1, 0.3, 0.35, 0.7, 0.99]);
  const stream = model.open();
  const events: RecognitionEvent[] = [];
  for (const chunk of chunks) events.push(...(await stream.push(chunk)));
  events.push(...(await stream.flush()));
  stream.close();
  expect(events).toEqual(await collect(model.stream(chunks)));
  expect(events.some(({ type }) => type === 'final')).toBe(true);
});

test.each([
  { sampleRate: 16_000 },
  { sampleRate: 11_025 },
  { sampleRate: 16_000, grammar: ['one'], attention: 'binned' as const },
])('a snapshot of any moment goes on word for word in a fresh model: %o', async ({ attention, ...options }) => {
  const audio = tones(6, 3);
  const property = fc.asyncProperty(fc.integer({ min: 0, max: audio.length }), fc.boolean(), async (at, isFlushed) => {
    const stream = model.open({ ...options, attention });
    const before = [...(await stream.push(audio.slice(0, at))), ...(isFlushed ? await stream.flush() : [])];
    const from = copied(await stream.snapshot());
    const future = await rest(stream, audio.slice(at));
    const again = await rest(fresh.open({ from, attention }), audio.slice(at)); // rate and grammar are the snapshot's
    expect(wordsOf(again)).toEqual(wordsOf(future));
    const seconds = (audio.length + 1) / options.sampleRate; // times are rounded to a sample of the model's rate
    const times = [...before, ...again].flatMap((event) => (event.type === 'endpoint' ? [event.time] : []));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThanOrEqual(seconds);
  });
  await fc.assert(property, {
    numRuns: 6,
    examples: [
      [0, false],
      [audio.length, true],
    ],
  });
});

test('a snapshot is refused where the stream that should go on from it is to be another', async () => {
  const stream = model.open({ sampleRate: 8_000 });
  await stream.push(tones(1, 3));
  const from = await stream.snapshot();
  for (const options of [
    { from, sampleRate: 16_000 },
    { from, grammar: ['one'] },
    { from, decoder: 'ctc' as const },
    { from, attention: true },
    { from, attention: 'binned' as const }, // it kept nothing of that
  ]) {
    expect(() => fresh.open(options)).toThrow(expect.objectContaining({ code: 'snapshot/options' }));
  }
  expect(() => fresh.open({ from: { ...from, state: from.state.slice(0, 50) } })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^snapshot\//) }),
  );
  const traced = model.open({ attention: true });
  await expect(traced.snapshot()).rejects.toMatchObject({ code: 'snapshot/options' });
});

test('streams that are open at once share calls of the model, and hear what each hears alone', async () => {
  let calls = 0;
  const [executor] = executors;
  if (executor === undefined) throw new Error('Expected an executor');
  const counted = createModel(
    await tinyEngine({
      ...executor,
      run: (cell, inputs) => {
        if (cell === 'encode') calls++;
        return executor.run(cell, inputs);
      },
    }),
  );
  const recordings = [3, 4, 5, 6].map((seed) => tones(2, seed));
  const alone = [];
  for (const samples of recordings) alone.push(await rest(counted.open(), samples));
  const callsAlone = calls;
  calls = 0;
  const together = await Promise.all(recordings.map((samples) => rest(counted.open(), samples)));
  expect(together.map(wordsOf)).toEqual(alone.map(wordsOf));
  expect(calls).toBeLessThanOrEqual(callsAlone / 2); // the first had nobody to wait for
});

test('there is room for a chunk when the one before is worked off', async () => {
  const stream = model.open();
  await stream.room();
  const answered: string[] = [];
  const push = async (): Promise<void> => {
    await stream.push(tones(1, 3));
    answered.push('push');
  };
  const heard = push();
  await stream.room();
  expect(answered).toEqual(['push']);
  await heard;
  stream.close();
});

test('what is wrong with samples or options is told, and an abort ends the stream with its reason', async () => {
  expect(() => model.open({ sampleRate: 100 })).toThrow(expect.objectContaining({ code: 'option/out-of-range' }));
  expect(() => model.open({ samplerate: 8_000 } as never)).toThrow(
    expect.objectContaining({ code: 'option/unknown-name' }),
  );
  const stream = model.open();
  await expect(stream.push([0] as never)).rejects.toMatchObject({ code: 'option/type' });
  await expect(stream.push(Float32Array.of(Number.NaN))).rejects.toMatchObject({ code: 'audio/non-finite-sample' });
  await expect(stream.flush()).rejects.toMatchObject({ code: 'audio/non-finite-sample' });
  const controller = new AbortController();
  const reason = new Error('enough');
  const other = model.open({ signal: controller.signal });
  const underWay = other.push(tones(2, 3));
  controller.abort(reason);
  await expect(underWay).rejects.toBe(reason);
  await expect(other.snapshot()).rejects.toBe(reason);
});

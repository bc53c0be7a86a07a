import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Executor } from '../../src/cell/executor.ts';
import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import { createSpeechRecognizer, type SpeechOptions } from '../../src/recognizer/speech-recognizer.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { listen, settled } from './listen.ts';
import { TINY_CONFIG, tfjsTiny, tinyEngine, tones } from './tiny-engine.ts';

let executor: Executor;
beforeAll(async () => {
  executor = await tfjsTiny();
});
afterAll(() => executor[Symbol.asyncDispose]());

const SETTINGS = { grammar: resolveGrammar(TINY_CONFIG.vocabulary), decoder: 'joint' as const };
const OPEN: SpeechOptions = { sampleRate: 16_000, attention: false, begin: { settings: SETTINGS } };

/** A recognizer as the server's thread has it, and the sizes of its batches. */
async function openRecognizer(over: Executor = executor) {
  const engine = await tinyEngine(over);
  const sizes: number[] = [];
  const recognizer = createSpeechRecognizer(engine, {
    maximumBatch: 8,
    maximumWaitMs: 1,
    longestPieceSeconds: 0.5,
    readsAhead: true,
    onBatch: ({ size }) => sizes.push(size),
  });
  return { engine, recognizer, sizes };
}

/** The events of all answers, in order. */
async function eventsOf(answers: readonly Promise<readonly RecognitionEvent[]>[]): Promise<RecognitionEvent[]> {
  return (await Promise.all(answers)).flat();
}

test('streams heard together hear what each hears alone, however they are cut', async () => {
  const { engine, recognizer, sizes } = await openRecognizer();
  const recordings = [1, 2, 3].map((seed) => tones(4, seed));
  const answers = recordings.map((samples, index) => {
    const stream = recognizer.open(OPEN);
    const length = [700, 16_000, 40_000][index] ?? 1;
    const chunks = Array.from({ length: Math.ceil(samples.length / length) }, (_, chunk) =>
      samples.slice(chunk * length, (chunk + 1) * length),
    );
    return [...chunks.map((chunk) => stream.push(chunk)), stream.flush()];
  });
  for (const [index, samples] of recordings.entries()) {
    const { events } = await listen(engine, [samples]);
    expect(settled(await eventsOf(answers[index] ?? []))).toEqual(settled(events));
  }
  expect(Math.max(...sizes)).toBe(3);
});

test('a stream whose samples are no numbers fails alone, with the reason, and stays failed', async () => {
  const { engine, recognizer } = await openRecognizer();
  const [good, bad] = [recognizer.open(OPEN), recognizer.open(OPEN)];
  const samples = tones(2, 5);
  const answers = [good.push(samples.slice())];
  const failed = bad.push(samples.slice().fill(Number.NaN, 500));
  answers.push(good.flush());
  await expect(failed).rejects.toMatchObject({ code: 'audio/non-finite-sample' });
  await expect(bad.flush()).rejects.toMatchObject({ code: 'audio/non-finite-sample' });
  const { events } = await listen(engine, [samples]);
  expect(settled(await eventsOf(answers))).toEqual(settled(events));
});

test('where a batch fails as a whole, only the stream that fails alone as well is lost', async () => {
  /** Fails whenever it sees samples as loud as the poisoned stream's: for all that are in the call. */
  const fragile: Executor = {
    ...executor,
    run: (cell, inputs) => {
      const isPoisoned = cell === 'encode' && Object.values(inputs).some(({ data }) => data.some((x) => x > 8));
      if (isPoisoned) return Promise.reject(new HearkenError('executor/run', 'Expected cell `encode` to run'));
      return executor.run(cell, inputs);
    },
  };
  const { engine, recognizer, sizes } = await openRecognizer(fragile);
  const good = tones(2, 6);
  const poison = Float32Array.from({ length: 8000 }, (_, index) => (index < 4000 ? 0 : 1000 * Math.sin(index / 3)));
  const answers = [good, poison, good].map((samples) => {
    const stream = recognizer.open(OPEN);
    return [stream.push(samples.slice()), stream.flush()];
  });
  const [first = [], second = [], third = []] = answers;
  for (const answer of second) await expect(answer).rejects.toMatchObject({ code: 'executor/run' });
  const { events } = await listen(engine, [good]);
  expect(settled(await eventsOf(first))).toEqual(settled(events));
  expect(settled(await eventsOf(third))).toEqual(settled(events));
  expect(Math.max(...sizes)).toBe(3);
});

test('a stream goes on from its snapshot to the same events, at another rate than the model hears at', async () => {
  const samples = tones(5, 8);
  const open = { ...OPEN, sampleRate: 22_050 };
  const whole = (await openRecognizer()).recognizer.open(open);
  const [first, second] = [samples.slice(0, 50_000), samples.slice(50_000)];
  void whole.push(first.slice());
  const taken = whole.snapshot();
  const undisturbed = eventsOf([whole.push(second.slice()), whole.flush()]);
  const from = structuredClone(await taken);
  expect(from.samplesHeard).toBe(50_000);

  const other = (await openRecognizer()).recognizer.open({ ...open, begin: { from } });
  const again = await eventsOf([other.push(second.slice()), other.flush()]);
  expect(settled(again)).toEqual(settled(await undisturbed));
});

test('a snapshot of another model, or a damaged one, opens no stream', async () => {
  const { recognizer } = await openRecognizer();
  const from = {
    state: new Uint8Array(20),
    resamplerTail: new Float32Array(0),
    resamplerPhase: 0,
    samplesHeard: 0,
    samplesBefore: 0,
  };
  expect(() => recognizer.open({ ...OPEN, begin: { from } })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^snapshot\//) }),
  );
});

test('times go on over a flush in the count of the whole stream', async () => {
  const { recognizer } = await openRecognizer();
  const samples = tones(3, 9);
  const stream = recognizer.open(OPEN);
  const answers = [stream.push(samples.slice()), stream.flush(), stream.push(samples.slice()), stream.flush()];
  const times = async (some: typeof answers): Promise<number[]> =>
    (await eventsOf(some)).flatMap((event) => (event.type === 'endpoint' ? [event.time] : []));
  const [first, second] = [await times(answers.slice(0, 2)), await times(answers.slice(2))];
  expect(first.length).toBeGreaterThan(0);
  for (const [index, time] of second.entries()) expect(time).toBeCloseTo((first[index] ?? Number.NaN) + 3, 6);
});

test('chunks without a single sample are answered too, in their order', async () => {
  const { recognizer } = await openRecognizer();
  const stream = recognizer.open(OPEN);
  const order: number[] = [];
  const answers = [0, 1, 2, 3, 4].map((number) =>
    stream.push(new Float32Array(0)).then((events) => {
      order.push(number);
      return events;
    }),
  );
  expect(await eventsOf(answers)).toEqual([]);
  expect(order).toEqual([0, 1, 2, 3, 4]);
});

test('a closed stream is answered no more, and what is asked of it later fails', async () => {
  const { recognizer } = await openRecognizer();
  const stream = recognizer.open(OPEN);
  const underWay = [stream.push(tones(1)), stream.flush()];
  stream.close();
  for (const answer of underWay) await expect(answer).rejects.toMatchObject({ code: 'stream/closed' });
  await expect(stream.flush()).rejects.toMatchObject({ code: 'stream/closed' });
  await stream.room(); // never rejects
});

test('once all streams of a batch are closed, nothing more of it is computed', async () => {
  let calls = 0;
  let begun = (): void => {};
  let goOn = (): void => {};
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow: Executor = {
    ...executor,
    run: async (...call) => {
      calls++;
      begun();
      await gate;
      return executor.run(...call);
    },
  };
  const { recognizer } = await openRecognizer(slow);
  const [one, other] = [recognizer.open(OPEN), recognizer.open(OPEN)];
  const answers = [one.push(tones(2, 3)), other.push(tones(2, 4))];
  await first;
  one.close();
  other.close();
  goOn();
  for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'stream/closed' });
  await recognizer.idle();
  expect(calls).toBe(1);
});

test('a stream takes four seconds without an answer, and says when there is room for more', async () => {
  const { recognizer } = await openRecognizer();
  const stream = recognizer.open(OPEN);
  const answers = [stream.push(tones(4, 3))];
  await expect(stream.push(tones(1))).rejects.toMatchObject({ code: 'stream/overflow' });
  await stream.room();
  answers.push(stream.push(tones(1)), stream.flush());
  expect((await eventsOf(answers)).length).toBeGreaterThan(0);
});

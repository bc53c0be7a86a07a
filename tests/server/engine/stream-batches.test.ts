import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Answer, FromEngine, StreamSnapshot } from '../../../server/engine/protocol.ts';
import { createStreamBatches } from '../../../server/engine/scheduler.ts';
import { speechStreams } from '../../../server/engine/streams.ts';
import { HearkenError } from '../../../src/errors.ts';
import type { RecognitionEvent } from '../../../src/recognizer/events.ts';
import type { Executor } from '../../../src/cell/executor.ts';
import { resolveGrammar } from '../../../src/text/vocabulary.ts';
import { listen, settled } from '../../recognizer/listen.ts';
import { TINY_CONFIG, tfjsTiny, tinyEngine, tones } from '../../recognizer/tiny-engine.ts';
import { cut } from '../recordings.ts';

let executor: Executor;
beforeAll(async () => {
  executor = await tfjsTiny();
});
afterAll(() => executor[Symbol.asyncDispose]());

const OPEN = { model: 'tiny', sampleRate: 16_000, grammar: resolveGrammar(TINY_CONFIG.vocabulary) };

/** The engine's side without its thread; `answerTo(request)` resolves with the answer. */
async function openBatches(over: Executor = executor, maximumBatch = 8) {
  const engine = await tinyEngine(over);
  const answers = new Map<number, Answer>();
  const sizes: number[] = [];
  let wake = (): void => {};
  const tell = (message: FromEngine): void => {
    if (message.type !== 'answers') return;
    for (const answer of message.answers) answers.set(answer.request, answer);
    if (message.batch !== undefined) sizes.push(message.batch.size);
    wake();
  };
  const batches = createStreamBatches('tiny', speechStreams(engine), { maximumBatch, maximumWaitMs: 1, tell });
  const answerTo = async (request: number): Promise<Answer> => {
    for (;;) {
      const answer = answers.get(request);
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const eventsTo = async (requests: readonly number[]): Promise<RecognitionEvent[]> => {
    const events: RecognitionEvent[] = [];
    for (const request of requests) {
      const answer = await answerTo(request);
      if ('failure' in answer) throw new HearkenError(answer.failure.code, answer.failure.message);
      if ('events' in answer) events.push(...answer.events.filter((event) => event.type !== 'answers'));
    }
    return events;
  };
  return { engine, batches, answerTo, eventsTo, sizes };
}

test('streams heard together hear what each hears alone, however they are cut', async () => {
  const { engine, batches, eventsTo, sizes } = await openBatches();
  const recordings = [1, 2, 3].map((seed) => tones(4, seed));
  const requests = recordings.map(() => [] as number[]);
  let request = 0;
  for (const [stream, samples] of recordings.entries()) {
    batches.open(stream, OPEN);
    for (const chunk of cut(samples, [700, 16_000, 40_000][stream] ?? 1)) {
      batches.ask(stream, { type: 'push', stream, request: ++request, samples: chunk });
      requests[stream]?.push(request);
    }
    batches.ask(stream, { type: 'flush', stream, request: ++request });
    requests[stream]?.push(request);
  }
  for (const [stream, samples] of recordings.entries()) {
    const { events } = await listen(engine, [samples]);
    expect(settled(await eventsTo(requests[stream] ?? []))).toEqual(settled(events));
  }
  expect(Math.max(...sizes)).toBe(3);
});

test('a stream whose samples are no numbers fails alone, with the reason, and stays failed', async () => {
  const { engine, batches, eventsTo, answerTo } = await openBatches();
  for (const stream of [1, 2]) batches.open(stream, OPEN);
  const good = tones(2, 5);
  batches.ask(1, { type: 'push', stream: 1, request: 1, samples: good.slice() });
  batches.ask(2, { type: 'push', stream: 2, request: 2, samples: good.slice().fill(Number.NaN, 500) });
  batches.ask(1, { type: 'flush', stream: 1, request: 3 });
  expect(await answerTo(2)).toMatchObject({ failure: { code: 'audio/non-finite-sample' } });
  batches.ask(2, { type: 'flush', stream: 2, request: 4 });
  expect(await answerTo(4)).toMatchObject({ failure: { code: 'audio/non-finite-sample' } });
  const { events } = await listen(engine, [good]);
  expect(settled(await eventsTo([1, 3]))).toEqual(settled(events));
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
  const { engine, batches, eventsTo, answerTo, sizes } = await openBatches(fragile);
  const good = tones(2, 6);
  const poison = Float32Array.from({ length: 8000 }, (_, index) => (index < 4000 ? 0 : 1000 * Math.sin(index / 3)));
  for (const stream of [1, 2, 3]) batches.open(stream, OPEN);
  for (const [stream, samples] of [
    [1, good],
    [2, poison],
    [3, good],
  ] as const) {
    batches.ask(stream, { type: 'push', stream, request: stream, samples: samples.slice() });
    batches.ask(stream, { type: 'flush', stream, request: 10 + stream });
  }
  expect(await answerTo(12)).toMatchObject({ failure: { code: 'executor/run' } });
  const { events } = await listen(engine, [good]);
  expect(settled(await eventsTo([1, 11]))).toEqual(settled(events));
  expect(settled(await eventsTo([3, 13]))).toEqual(settled(events));
  expect(Math.max(...sizes)).toBe(3);
});

test('a stream goes on from its snapshot to the same events, at another rate than the model hears at', async () => {
  const samples = tones(5, 8);
  const open = { ...OPEN, sampleRate: 22_050 };
  const whole = await openBatches();
  whole.batches.open(1, open);
  const [first, second] = [samples.slice(0, 50_000), samples.slice(50_000)];
  whole.batches.ask(1, { type: 'push', stream: 1, request: 1, samples: first.slice() });
  whole.batches.ask(1, { type: 'snapshot', stream: 1, request: 2 });
  whole.batches.ask(1, { type: 'push', stream: 1, request: 3, samples: second.slice() });
  whole.batches.ask(1, { type: 'flush', stream: 1, request: 4 });
  const undisturbed = await whole.eventsTo([3, 4]);
  const answer = await whole.answerTo(2);
  const from = ('snapshot' in answer ? answer.snapshot : undefined) as StreamSnapshot; // it was asked for
  expect(from.samplesHeard).toBe(50_000);

  const other = await openBatches();
  other.batches.open(9, { ...open, from: structuredClone(from) });
  other.batches.ask(9, { type: 'push', stream: 9, request: 1, samples: second.slice() });
  other.batches.ask(9, { type: 'flush', stream: 9, request: 2 });
  expect(settled(await other.eventsTo([1, 2]))).toEqual(settled(undisturbed));
});

test('a snapshot of another model, or a damaged one, fails the stream that should go on from it', async () => {
  const { batches, answerTo } = await openBatches();
  const from: StreamSnapshot = {
    state: new Uint8Array(20),
    resamplerTail: new Float32Array(0),
    resamplerPhase: 0,
    samplesHeard: 0,
    samplesBefore: 0,
  };
  batches.open(1, { ...OPEN, from });
  batches.ask(1, { type: 'flush', stream: 1, request: 1 });
  const answer = await answerTo(1);
  expect('failure' in answer && answer.failure.code).toMatch(/^snapshot\//);
});

test('times go on over a flush in the count of the whole stream', async () => {
  const { batches, eventsTo } = await openBatches();
  const samples = tones(3, 9);
  batches.open(1, OPEN);
  for (const [request, type] of [
    [1, 'push'],
    [2, 'flush'],
    [3, 'push'],
    [4, 'flush'],
  ] as const) {
    if (type === 'push') batches.ask(1, { type, stream: 1, request, samples: samples.slice() });
    else batches.ask(1, { type, stream: 1, request });
  }
  const times = async (requests: readonly number[]): Promise<number[]> =>
    (await eventsTo(requests)).flatMap((event) => (event.type === 'endpoint' ? [event.time] : []));
  const [first, second] = [await times([1, 2]), await times([3, 4])];
  expect(first.length).toBeGreaterThan(0);
  for (const [index, time] of second.entries()) expect(time).toBeCloseTo((first[index] ?? Number.NaN) + 3, 6);
});

test('chunks without a single sample are answered too, in their order', async () => {
  const { batches, eventsTo } = await openBatches();
  batches.open(1, OPEN);
  for (let request = 1; request <= 5; request++) {
    batches.ask(1, { type: 'push', stream: 1, request, samples: new Float32Array(0) });
  }
  expect(await eventsTo([1, 2, 3, 4, 5])).toEqual([]);
});

test('a closed stream is answered no more, and what is asked of it later fails', async () => {
  const { batches, answerTo } = await openBatches();
  batches.open(1, OPEN);
  batches.close(1);
  batches.ask(1, { type: 'flush', stream: 1, request: 1 });
  expect(await answerTo(1)).toMatchObject({ failure: { code: 'stream/closed' } });
});

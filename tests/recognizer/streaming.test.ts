import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { advance } from '../../src/recognizer/advance.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { StreamState } from '../../src/recognizer/state.ts';
import { cut, cutsArbitrary } from '../audio/chunking.ts';
import { listen, settled, stateDifference } from './listen.ts';
import { onnxTiny, openStream, tfjsTiny, tinyEngine, tones } from './tiny-engine.ts';

describe.each([
  ['onnxruntime', onnxTiny, 6, 8],
  ['tfjs', tfjsTiny, 2, 2],
] as const)('streams on %s', (_, makeExecutor, seconds, runs) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await tinyEngine(await makeExecutor());
  });
  afterAll(() => engine.executor[Symbol.asyncDispose]());

  test('what is settled, and the state, do not depend on how the audio was cut', async () => {
    const audio = tones(seconds);
    const whole = await listen(engine, [audio]);
    expect(settled(whole.events).length).toBeGreaterThan(1);
    const property = fc.asyncProperty(cutsArbitrary, async (cuts) => {
      const pieces = await listen(engine, cut(audio, cuts));
      expect(settled(pieces.events)).toEqual(settled(whole.events));
      expect(stateDifference(pieces.state, whole.state)).toBeLessThan(1e-4);
    });
    await fc.assert(property, { numRuns: runs });
  });

  test('streams advanced together are what each is alone, whatever their chunks', async () => {
    const audios = [tones(seconds, 1), tones(seconds / 2, 2), tones(seconds, 3), new Float32Array(0)];
    const chunks = [16_000, 9_999, 20_480, 1].map((size, stream) => inChunks(audios[stream]!, size));
    let states: readonly StreamState[] = audios.map(() => openStream(engine));
    const events: unknown[][] = audios.map(() => []);
    const turns = Math.max(...chunks.map(({ length }) => length));
    for (let turn = 0; turn < turns; turn++) {
      const given = chunks.map((own) => ({ samples: own[turn] ?? new Float32Array(0), isLast: turn === turns - 1 }));
      const advanced = await advance(engine, states, given);
      states = advanced.states;
      for (const [stream, output] of advanced.outputs.entries()) events[stream]?.push(...settled(output.events));
    }
    for (const [stream, own] of chunks.entries()) {
      const alone = await listen(engine, own.length === 0 ? [new Float32Array(0)] : own);
      expect(events[stream]).toEqual(settled(alone.events));
      expect(stateDifference(states[stream]!, alone.state)).toBeLessThan(1e-4);
    }
  });
});

describe('a stream', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await tinyEngine(await onnxTiny());
  });
  afterAll(() => engine.executor[Symbol.asyncDispose]());

  test('tells partials while it goes on, an endpoint before each final, and never changes a final', async () => {
    const { events } = await listen(engine, inChunks(tones(20), 8_000));
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'partial').length).toBeGreaterThan(5);
    expect(types.filter((type) => type === 'final').length).toBeGreaterThan(2);
    const beforeFinals = types.flatMap((type, index) => (type === 'final' ? [types[index - 1]] : []));
    expect(new Set(beforeFinals)).toEqual(new Set(['endpoint']));
  });

  test('puts words in order, inside their utterance, and utterances in order', async () => {
    const { events } = await listen(engine, inChunks(tones(20, 3), 5_000));
    const finals = events.filter((event) => event.type === 'final');
    let time = 0;
    for (const { words, start, end } of finals) {
      expect(start).toBeGreaterThanOrEqual(time);
      time = start;
      for (const word of words) {
        expect(word.start).toBeGreaterThanOrEqual(time - 1e-9);
        expect(word.end).toBeGreaterThan(word.start);
        expect(word.confidence).toBeGreaterThanOrEqual(0);
        expect(word.confidence).toBeLessThanOrEqual(1);
        time = word.end;
      }
      expect(end).toBeGreaterThanOrEqual(time - 1e-9);
    }
  });

  test('of digital silence is without words', async () => {
    const { events, state } = await listen(engine, inChunks(new Float32Array(64_000), 8_000));
    expect(events.filter(({ type }) => type === 'final')).toEqual([]);
    expect(state.memory.count).toBe(108); // 433 frames, those of the silence after the end among them
  });

  test.each([
    ['no samples', 0, 0],
    ['less than a frame', 399, 0],
    ['one frame, too little for a vector', 400, 0],
    ['one vector', 880, 1],
    ['a frame and a half beyond a vector', 880 + 240, 1],
    ['two vectors', 1_520, 2],
  ])('of %s ends without harm', async (_, length, vectors) => {
    const audio = tones(1).subarray(0, length);
    const { state } = await listen(engine, [audio], { goesOn: true });
    expect(state.memory.count).toBe(vectors);
    const { events } = await listen(engine, [audio]);
    const ends = events.flatMap((event) => ('end' in event ? [event.end] : []));
    expect(ends.filter((end) => end > length / 16_000)).toEqual([]);
  });

  test('hears no further than its end, where it was cut off in the middle of a word too', async () => {
    for (const seconds of [0.5, 1.03, 2.017, 3.1]) {
      const { events } = await listen(engine, [tones(seconds, 3)]);
      const finals = events.filter((event) => event.type === 'final');
      const words = finals.flatMap((final) => final.words);
      expect(finals.length).toBeGreaterThan(0);
      for (const { start, end } of [...words, ...finals]) {
        expect(end).toBeLessThanOrEqual(seconds);
        expect(start).toBeLessThan(end);
      }
      for (const [index, { end }] of words.entries())
        expect(words[index + 1]?.start ?? end).toBeGreaterThanOrEqual(end);
      const endpoints = events.flatMap((event) => (event.type === 'endpoint' ? [event.time] : []));
      expect(endpoints.filter((time) => time > seconds)).toEqual([]);
    }
  });

  test('that is wrong leaves the others alone, and can go on from where it was', async () => {
    const audio = tones(2);
    const [good, bad] = [openStream(engine), openStream(engine)];
    const wrong = audio.slice();
    wrong[77] = Number.NaN;
    const { states, outputs } = await advance(
      engine,
      [bad, good, bad],
      [{ samples: wrong }, { samples: audio }, { samples: audio }],
    );
    expect(outputs[0]?.error).toMatchObject({
      code: 'audio/non-finite-sample',
      message: expect.stringContaining('77'),
    });
    expect(outputs[0]?.events).toEqual([]);
    expect(states[0]).toBe(bad);
    expect(outputs[1]?.error).toBeUndefined();
    expect(stateDifference(states[1]!, states[2]!)).toBeLessThan(1e-5);
    const alone = await listen(engine, [audio], { goesOn: true });
    expect(stateDifference(states[1]!, alone.state)).toBeLessThan(1e-5);
  });

  test('keeps its old states as they were, so that any of them may be advanced again', async () => {
    const { state: old } = await listen(engine, [tones(3)], { goesOn: true });
    const kept = structuredClone(old);
    const first = await listen(engine, [tones(2, 5)], { from: old });
    expect(old).toEqual(kept);
    const again = await listen(engine, [tones(2, 5)], { from: old });
    expect(again).toEqual(first);
  });
});

function inChunks(samples: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) =>
    samples.subarray(index * size, (index + 1) * size),
  );
}

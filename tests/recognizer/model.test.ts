import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { loadModel, type Model, type RecognitionEvent } from '../../src/index.ts';
import { joinParts } from '../../src/memory/past-parts.ts';
import type { AttentionChoice } from '../../src/recognizer/stream-cursor.ts';
import { distance } from '../memory/cpu-memory.ts';
import { TINY_CONFIG, tones } from './tiny-engine.ts';
import { writeTracedModel } from './traced-model.ts';

let folder: string;
let model: Model;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-model-'));
  await writeTracedModel(folder);
  model = await loadModel(folder, { device: 'cpu' });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('stream', () => {
  test('tells what it hears while chunks come, at any sample rate', async () => {
    const finals = async (audio: Float32Array, sampleRate: number): Promise<string[]> => {
      const events = await collect(model.stream(inChunks(audio, sampleRate / 4), { sampleRate }));
      return events.filter(({ type }) => type === 'final').map((event) => (event as { text: string }).text);
    };
    const heard = await finals(tones(8, 3), 16_000);
    expect(heard.join(' ').split(' ').length).toBeGreaterThan(3);
    expect(await finals(twiceAsMany(tones(8, 3)), 32_000)).not.toEqual([]);
  });

  test('hears only words of the grammar that was asked for', async () => {
    const events = await collect(model.stream([tones(8, 3)], { grammar: ['one'] }));
    const words = events.flatMap((event) => ('words' in event ? event.words : []));
    expect(words.length).toBeGreaterThan(0);
    expect(new Set(words.map(({ word }) => word))).toEqual(new Set(['one']));
  });

  test('says on request where each word looked in the whole past', async () => {
    const events = await collect(model.stream(inChunks(tones(8, 3), 4_000), { attention: true }));
    const attention = events.filter((event) => event.type === 'attention');
    const finals = events.filter((event) => event.type === 'final');
    expect(attention.length).toBe(finals.length);
    for (const [index, { words, secondsPerVector }] of attention.entries()) {
      expect(secondsPerVector).toBe(0.04);
      expect(words.map(({ word }) => word).join(' ')).toBe(finals[index]?.text);
      for (const { memory, decoder, start, end } of words) {
        expect(sum(memory)).toBeCloseTo(1, 4);
        expect(sum(decoder ?? [])).toBeCloseTo(1, 4);
        expect(memory.length * secondsPerVector).toBeGreaterThanOrEqual(start);
        expect((decoder?.length ?? 0) * secondsPerVector).toBeGreaterThanOrEqual(end - 1e-9);
        const before = Math.floor((finals[index]?.start ?? 0) / secondsPerVector);
        // The decoder sees the utterance; a node that also covers time before it may draw it there by its own span.
        const span = 2 * TINY_CONFIG.memory.leafFanIn * TINY_CONFIG.memory.fanIn ** 3;
        expect(sum(decoder?.subarray(0, Math.max(0, before - span)) ?? [])).toBe(0);
      }
    }
  });

  test('says the same in bins of the past, with pictures of the memory between', async () => {
    const heard = (attention: AttentionChoice): Promise<RecognitionEvent[]> =>
      collect(model.stream(inChunks(tones(30, 3), 4_000), { attention }));
    const events = await heard('binned');
    const exact = (await heard(true)).filter((event) => event.type === 'attention');
    const binned = events.filter((event) => event.type === 'binned-attention');
    expect(binned.length).toBe(exact.length);
    expect(binned.length).toBeGreaterThan(3);
    for (const [index, { words, edges }] of binned.entries()) {
      expect(edges.length).toBeLessThan(80);
      const joined = (shares: Float32Array): Float32Array =>
        joinParts(
          shares,
          Array.from(shares, (_, vector) => 0.04 * vector + 1e-9),
          edges,
        );
      for (const [position, { memory, decoder, ...word }] of words.entries()) {
        const traced = exact[index]!.words[position]!; // as many
        const { memory: read, decoder: looked, ...same } = traced;
        expect(word).toEqual(same);
        expect(distance(memory, joined(read))).toBeLessThan(1e-5);
        expect(distance(decoder ?? [], joined(looked ?? new Float32Array(0)))).toBeLessThan(1e-5);
      }
    }
    const pictures = events.filter((event) => event.type === 'memory');
    expect(pictures.length).toBeGreaterThan(100);
    for (const { time, roots } of pictures) {
      expect(roots.at(-1)).toMatchObject({ level: 0, end: time });
      expect(roots.map(({ start }) => start)).toEqual([0, ...roots.slice(0, -1).map(({ end }) => end)]);
      expect(sum(roots.flatMap(({ shares }) => [...shares]))).toBeCloseTo(1, 4);
    }
  });

  test('stops at once when it is aborted, also while it waits for a chunk, and closes its source', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    let isClosed = false;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const source = async function* (): AsyncGenerator<Float32Array> {
      try {
        yield tones(2);
        queueMicrotask(() => controller.abort(reason));
        await held; // `abort` does not wait for this
        yield tones(2);
      } finally {
        isClosed = true;
      }
    };
    await expect(collect(model.stream(source(), { signal: controller.signal }))).rejects.toBe(reason);
    goOn();
    await expect.poll(() => isClosed).toBe(true);
    await expect(collect(model.stream([tones(1)], { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });

  test('closes its source when its listener leaves', async () => {
    let isClosed = false;
    const source = function* (): Generator<Float32Array> {
      try {
        while (true) yield tones(2);
      } finally {
        isClosed = true;
      }
    };
    for await (const event of model.stream(source())) if (event.type === 'partial') break;
    expect(isClosed).toBe(true);
  });

  test('refuses what is wrong with the asking', async () => {
    expect(() => model.stream([], { sampleRate: 100 })).toThrow(
      expect.objectContaining({ code: 'option/out-of-range' }),
    );
    expect(() => model.stream([], { grammar: 'colours' })).toThrow(
      expect.objectContaining({ code: 'grammar/unknown-name' }),
    );
    await expect(collect(model.stream([Float32Array.of(0, Number.NaN)]))).rejects.toMatchObject({
      code: 'audio/non-finite-sample',
    });
  });
});

describe('recognize', () => {
  test.each(['ctc', 'attention', 'joint'] as const)(
    'answers with exactly one word where one was asked for: %s',
    async (decoder) => {
      for (const audio of [tones(2, 3), new Float32Array(16_000)]) {
        const { words, text, alignment } = await model.recognize(audio, { decoder, maximumWords: 1 });
        expect(words.length).toBe(1);
        expect(text).toBe(words[0]?.word);
        expect(alignment?.length).toBe(decoder === 'ctc' ? undefined : 1);
      }
    },
  );

  test('tells where the attention decoder looked for each word, over the whole recording', async () => {
    const { words, alignment = [] } = await model.recognize(tones(3, 3));
    expect(words.length).toBeGreaterThan(1);
    expect(alignment.length).toBe(words.length);
    for (const weights of alignment) {
      expect(weights.length).toBe(83); // 333 frames, those of the silence after the end among them
      expect(sum(weights)).toBeCloseTo(1, 4);
    }
  });

  test('hears nothing in nothing', async () => {
    expect(await model.recognize(new Float32Array(0))).toEqual({ text: '', words: [] });
  });
});

describe('transcribe', () => {
  test('gives words, duration and speed, the same for a file and for its samples', async () => {
    const audio = tones(6, 3).map((sample) => Math.round(sample * 32_768) / 32_768);
    const file = path.join(folder, 'tones.wav');
    await writeFile(file, encodeWav([audio], { sampleRate: 16_000, encoding: 'float32' }));
    const fromFile = await model.transcribe(file);
    const fromSamples = await model.transcribe(audio);
    expect(fromFile.durationSeconds).toBe(6);
    expect(fromFile.realTimeFactor).toBeGreaterThan(0);
    expect(fromFile.text).toBe(fromFile.words.map(({ word }) => word).join(' '));
    expect(fromFile.words.length).toBeGreaterThan(0);
    expect(fromSamples.text).toBe(fromFile.text);
  });

  test('of nothing is nothing', async () => {
    expect(await model.transcribe(new Float32Array(0))).toEqual({
      text: '',
      words: [],
      durationSeconds: 0,
      realTimeFactor: 0,
    });
  });

  test('says what is wrong with a file', async () => {
    await expect(model.transcribe(path.join(folder, 'none.wav'))).rejects.toMatchObject({ code: 'audio/no-file' });
    await expect(model.transcribe(folder)).rejects.toMatchObject({ code: 'audio/is-directory' });
  });
});

async function collect(events: AsyncIterable<RecognitionEvent>): Promise<RecognitionEvent[]> {
  const all: RecognitionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function inChunks(samples: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, index) =>
    samples.subarray(index * size, (index + 1) * size),
  );
}

function twiceAsMany(samples: Float32Array): Float32Array {
  return Float32Array.from({ length: 2 * samples.length }, (_, index) => samples[index >> 1] ?? 0);
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}

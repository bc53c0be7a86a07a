/** Decoders that write while they hear: nothing depends on what comes later, or on how it came. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AttentionConfig } from '../../src/attention/config.ts';
import { floatsNamed } from '../../src/cell/rows.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { emptyMemory, heldEntries } from '../../src/memory/state.ts';
import { beginUpdate, memoryAt, mergePendingNodes } from '../../src/memory/update.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { initRecognizer } from '../model/first-weights.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import { frameChunk } from '../../src/recognizer/encode.ts';
import { advanceOnline, type OnlineWord, startOnline } from '../../models/online-digits/online.ts';
import type { HostArray } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { cut, cutsArbitrary } from '../audio/chunking.ts';
import { TINY_CONFIG, tfjsTiny, tinyEngine, tones } from '../recognizer/tiny-engine.ts';

const SECONDS = 5;
const KINDS: readonly AttentionConfig[] = [
  { kind: 'monotonic' },
  { kind: 'mocha', score: 'additive', chunk: 3 },
  { kind: 'milk', score: 'additive' },
];

/** A decoder that stops here and there, and writes words as well as ends. */
function stoppingWeights(config: SpeechConfig, seed: number): Record<string, HostArray> {
  const scales = [
    [/attention.*gain$/, 60],
    [/^decoder\.output\.kernel$/, 6],
    [/^decoder\.gru/, 2],
  ] as const;
  return Object.fromEntries(
    Object.entries(initRecognizer(config, Random.seeded(seed))).map(([name, { shape, data }]) => {
      if (/attention.*offset$/.test(name)) return [name, { shape, data: Float32Array.of(-3) }];
      const scale = scales.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
      return [name, { shape, data: data.map((value) => scale * value) }];
    }),
  );
}

async function stoppingEngine(attention: AttentionConfig, seed = 6): Promise<Engine> {
  await (await tfjsTiny())[Symbol.asyncDispose](); // sets the backend
  const config = { ...TINY_CONFIG, decoder: { ...TINY_CONFIG.decoder, attention } };
  return tinyEngine(createTfjsExecutor(cellsOf(config), stoppingWeights(config, seed)), config);
}

function grammarOf({ config }: Engine) {
  return resolveGrammar(config.vocabulary);
}

/** The words of each chunk, the last of which ends the stream. */
async function heard(engine: Engine, chunks: readonly Float32Array[], isEnded = true): Promise<OnlineWord[][]> {
  let state = startOnline(engine);
  const words: OnlineWord[][] = [];
  for (const [index, samples] of chunks.entries()) {
    const chunk = { samples, isLast: isEnded && index === chunks.length - 1 };
    const [advanced] = await advanceOnline(engine, grammarOf(engine), [{ state, chunk }]);
    ({ state } = advanced!);
    words.push([...advanced!.words]);
  }
  return words;
}

/**
 * By definition: one vector after the other is shown, and the decoder asked each time whether it stops there, with a memory that is made of all
 * the vectors up to it anew.
 */
async function heardByDefinition(engine: Engine, samples: Float32Array): Promise<number[]> {
  const { executor, config, sizes, encoderStart } = engine;
  const { memory } = config;
  const decoder = config.decoder!; // of the models below each has one
  const { audio } = frameChunk(engine, startOnline(engine), { samples, isLast: true });
  const count = audio.frames.length / sizes.frameDepth;
  const frames = { shape: [1, count, sizes.frameDepth], data: audio.frames };
  const all = floatsNamed(await executor.run('encode', { frames, ...encoderStart }), 'vectors');
  const { depth } = memory;
  const written: number[] = [];
  const zeros = (): Record<string, Float32Array> => ({
    'state.hidden': new Float32Array(decoder.units),
    'state.attentional': new Float32Array(decoder.units),
  });
  let [start, token, state] = [0, 0, zeros()];
  for (let vector = 0; vector < count; vector++) {
    const vectors = all.slice(0, (vector + 1) * depth);
    const update = beginUpdate(memory, emptyMemory(), { vectors, keys: vectors, values: vectors });
    await mergePendingNodes(executor, memory, [update]);
    const held = heldEntries(memory, memoryAt(memory, update, vector + 1));
    const isMilk = decoder.attention.kind === 'milk';
    const first = isMilk ? held.live.findIndex(({ span }) => span.end > start) : start;
    const [entries, masses] = isMilk ? [held.entries, held.bias] : [vectors, new Float32Array(vector + 1)];
    const seen = entries.slice(first * depth);
    const bias = masses.slice(first);
    const shaped = (data: Float32Array, ...shape: number[]): HostArray => ({ shape: [1, ...shape], data });
    const memoryInputs = { values: shaped(seen, bias.length, depth), bias: shaped(bias, bias.length) };
    const prepared = await executor.run('decodePrepare', { entries: memoryInputs.values });
    const states = Object.entries(state).map(([name, data]) => [name, shaped(data, data.length)] as const);
    const outputs = await executor.run('decodeStep', {
      token: { shape: [1], data: Int32Array.of(token) },
      keys: prepared['keys']!,
      ...memoryInputs,
      ...Object.fromEntries(states),
      'state.ahead': shaped(new Float32Array(bias.length).fill(1, 0, -1), bias.length),
    });
    if (floatsNamed(outputs, 'state.ahead').at(-1) !== 0) continue; // does not stop at this vector
    const scores = floatsNamed(outputs, 'logProbabilities');
    token = scores.indexOf(Math.max(...scores));
    if (token > 0) written.push(token);
    else start = vector + 1;
    state = token === 0 ? zeros() : { ...zeros(), ...named(outputs, Object.keys(zeros())) };
  }
  return written;
}

function named(outputs: Parameters<typeof floatsNamed>[0], names: readonly string[]): Record<string, Float32Array> {
  return Object.fromEntries(names.map((name) => [name, floatsNamed(outputs, name).slice()]));
}

describe.each(KINDS)('a decoder that stops: $kind', (attention) => {
  const audio = tones(SECONDS);
  let engine: Engine;
  let whole: OnlineWord[];
  beforeAll(async () => {
    engine = await stoppingEngine(attention);
    whole = (await heard(engine, [audio])).flat();
  });
  afterAll(() => engine.executor[Symbol.asyncDispose]());

  test('writes what it writes where each vector is shown alone, with a memory made anew', async () => {
    expect(new Set(whole.map(({ label }) => label)).size).toBeGreaterThan(1); // else all this shows nothing
    expect(whole.length).toBeGreaterThan(4);
    expect(whole.map(({ label }) => label)).toEqual(await heardByDefinition(engine, audio));
  });

  test('writes the same words at the same times, however the audio was cut', async () => {
    const property = fc.asyncProperty(cutsArbitrary, async (cuts) => {
      expect((await heard(engine, cut(audio, cuts))).flat()).toEqual(whole);
    });
    await fc.assert(property, { numRuns: 4 });
  });

  test('writes a word as soon as its last sample is there, whatever comes later', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 0, max: audio.length }), async (length) => {
      const known = whole.filter(({ time }) => time <= length / 16_000);
      const prefix = audio.subarray(0, length);
      expect((await heard(engine, [prefix], false)).flat()).toEqual(known);
      const [before, after] = await heard(engine, [prefix, tones(1, 9)]);
      expect(before).toEqual(known);
      expect(after!.every(({ time }) => time > length / 16_000)).toBe(true);
    });
    await fc.assert(property, { numRuns: 6 });
  });

  test('streams that are advanced together do not mix', async () => {
    const audios = [audio, tones(2, 2), new Float32Array(0)];
    const streams = audios.map((samples) => ({ state: startOnline(engine), chunk: { samples, isLast: true } }));
    const together = await advanceOnline(engine, grammarOf(engine), streams);
    for (const [index, samples] of audios.entries()) {
      expect(together[index]!.words).toEqual((await heard(engine, [samples])).flat());
    }
  });
});

test('a decoder that does not stop is refused', async () => {
  const engine = await stoppingEngine({ kind: 'global', score: 'additive' });
  expect(() => startOnline(engine)).toThrow('Expected a decoder whose attention stops');
  await engine.executor[Symbol.asyncDispose]();
});

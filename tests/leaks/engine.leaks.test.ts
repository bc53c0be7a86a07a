import { setImmediate } from 'node:timers/promises';

import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

import { liveEntries } from '../../src/memory/state.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { advanceOne } from '../recognizer/advance-one.ts';
import { snapshotStream } from '../../src/recognizer/state.ts';
import { startStream, type StreamState } from '../../src/recognizer/state.ts';
import { Random } from '../../src/tensor/random.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { onnxTiny, openStream, TINY_CONFIG, tfjsTiny, tinyEngine, tones } from '../recognizer/tiny-engine.ts';

/** A vector every 40 ms as in speech, but of 16 samples: so that 15,000 of them take seconds. */
const SPARSE_CONFIG: SpeechConfig = {
  ...TINY_CONFIG,
  features: {
    ...TINY_CONFIG.features,
    sampleRate: 400,
    frameLength: 16,
    hopLength: 16,
    fftLength: 16,
    bandCount: 4,
    lowHz: 20,
    highHz: 200,
  },
  encoder: { kind: 'lstm', frameStack: 1, units: 8, layers: 1 },
};

test('a long stream holds no tensor from chunk to chunk', async () => {
  const engine = await tinyEngine(await tfjsTiny());
  let state = openStream(engine);
  const counts: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    [state] = await advanceOne(engine, state, { samples: tones(1, turn) });
    counts.push(tf.memory().numTensors);
  }
  expect(new Set(counts)).toEqual(new Set([counts[0]]));
  const weights = counts[0] ?? 0;
  await engine.executor[Symbol.asyncDispose]();
  expect(tf.memory().numTensors).toBeLessThan(weights);
});

test('the state of a stream grows with the logarithm of its age, and nothing is held of the states before', async () => {
  const engine = await tinyEngine(await onnxTiny(SPARSE_CONFIG), SPARSE_CONFIG);
  const random = Random.seeded(1);
  const chunk = (vectors: number): Float32Array =>
    Float32Array.from({ length: 16 * vectors }, () => 0.1 * random.normal());
  // What settles utterances leaves nothing in the state, and would take minutes for words made of noise.
  let state = startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder: 'ctc' });
  const bytes: number[] = [];
  const held: number[] = [];
  const states: WeakRef<StreamState>[] = [];
  for (const count of [150, 1_500, 7_500, 15_000]) {
    while (state.memory.count < count) {
      const samples = chunk(Math.min(500, count - state.memory.count));
      [state] = await advanceOne(engine, state, { samples });
      states.push(new WeakRef(state));
    }
    bytes.push(snapshotStream(engine, state).length);
    held.push(await heldBytes());
    expect(bytes.at(-1)).toBeLessThan(memoryBytes(state) + besideMemory(state));
  }
  const [first = 0, , , last = 0] = bytes;
  expect(last).toBeLessThan(4 * first); // 100 times as old
  expect(states.flatMap((each) => each.deref() ?? [])).toEqual([state]);
  const [, young = 0, , old = 0] = held;
  expect(old - young).toBeLessThan(1e6); // three rows that each vector left behind would be 1.3 MB
  await engine.executor[Symbol.asyncDispose]();
});

/** Vector, key and value of each live entry: O(log N), as the schedule's own tests show. */
function memoryBytes({ memory }: StreamState): number {
  return 4 * 3 * SPARSE_CONFIG.memory.depth * liveEntries(SPARSE_CONFIG.memory, memory.count).length;
}

/** Bytes of a snapshot beside the memory: the utterance under way, at most 30 s of it, its beam, names and sizes. */
function besideMemory({ search }: StreamState): number {
  expect(search.energies.length).toBeLessThanOrEqual(30_000 / 40);
  const beam = JSON.stringify(search.beam ?? {}).length;
  expect(beam).toBeLessThan((16 * 4 * 30_000) / 40); // 16 prefixes, a label a row at most
  return 4 * search.rows.length + 4 * search.energies.length + beam + 10_000;
}

/** Buffers are freed in the background after a collection, so the least of several measurements is taken. */
async function heldBytes(): Promise<number> {
  const seen: number[] = [];
  for (let round = 0; round < 10; round++) {
    globalThis.gc?.();
    await setImmediate();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    seen.push(heapUsed + arrayBuffers);
  }
  return Math.min(...seen);
}

import { describe, expect, test } from 'vitest';

import { normalArray, Random } from '../../src/tensor/random.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import { speechBatches, speechFrames } from '../../src/training/speech-batches.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

const OPTIONS = { batchSize: 3, batchFrames: 1_000 };
const noise = (seconds: number, seed: number, labels = ['0']): AudioExample => ({
  samples: normalArray(Random.seeded(seed), [Math.round(seconds * 16_000)], 0.1).data as Float32Array,
  labels,
  warp: 1,
});
const examples = [0.5, 0.5, 0.5, 0.5, 1, 1].map((seconds, index) => noise(seconds, index + 1));

describe('speechBatches', () => {
  test('keeps every utterance once, in batches of one length within both limits', () => {
    const batches = speechBatches(examples, EXAMPLE_CONFIG, OPTIONS, Random.seeded(1));
    expect(batches.map(({ shape }) => shape[0]).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    for (const { shape, frames, labels } of batches) {
      expect(frames).toHaveLength(shape[0] * shape[1] * shape[2]);
      expect(labels).toHaveLength(shape[0]);
    }
    const small = speechBatches(examples, EXAMPLE_CONFIG, { ...OPTIONS, batchFrames: 100 }, Random.seeded(1));
    expect(
      Math.max(...small.map(({ shape }) => shape[0] * shape[1] * EXAMPLE_CONFIG.encoder.frameStack)),
    ).toBeLessThanOrEqual(100);
  });

  test('puts what was said before in the same row, and tells where the last utterance begins', () => {
    const labels = ['1', '0'];
    const second: AudioExample = { ...noise(0.5, 7, labels), preceding: { labels: ['0', '1', '0'], end: 3_000 } };
    const [batch] = speechBatches([second, noise(0.5, 8, labels)], EXAMPLE_CONFIG, OPTIONS, Random.seeded(1), false);
    const samplesPerVector = EXAMPLE_CONFIG.features.hopLength * EXAMPLE_CONFIG.encoder.frameStack;
    expect(batch?.labels.map((row) => [...row!])).toEqual([
      [1, 2, 1, 2, 1],
      [2, 1],
    ]);
    expect(batch?.utterances).toEqual([
      { firstLabel: 3, start: Math.floor(3_000 / samplesPerVector) },
      { firstLabel: 0, start: 0 },
    ]);
  });

  test('keeps recordings of which phones alone are known, and both where both are', () => {
    const config = { ...EXAMPLE_CONFIG, phones: ['a', 't'] };
    const { samples, warp } = noise(0.5, 1);
    const both = { ...noise(0.5, 2), phones: ['t', 'a', 't'] };
    const given = [{ samples, warp, phones: ['a', 'a'] }, both, noise(0.5, 3)];
    const [batch] = speechBatches(given, config, OPTIONS, Random.seeded(1), false);
    expect(batch?.labels).toEqual([undefined, Int32Array.of(1), Int32Array.of(1)]);
    expect(batch?.phones).toEqual([Int32Array.of(1, 1), Int32Array.of(2, 1, 2), undefined]);
    const [plain] = speechBatches(given, EXAMPLE_CONFIG, OPTIONS, Random.seeded(1), false);
    expect([plain?.labels, plain?.phones]).toEqual([[Int32Array.of(1), Int32Array.of(1)], undefined]);
  });

  test('leaves out what is too short for its phones, a vector each and a blank between equal ones', () => {
    const { samples, warp } = noise(0.5, 1); // 12 vectors
    const config = { ...EXAMPLE_CONFIG, phones: ['a', 't'] };
    const kept = (phones: readonly string[]): number =>
      speechBatches([{ samples, warp, phones }], config, OPTIONS, Random.seeded(1), false).length;
    expect(kept(Array.from({ length: 12 }, (_, at) => 'at'[at % 2]!))).toBe(1);
    expect(kept(Array.from({ length: 13 }, (_, at) => 'at'[at % 2]!))).toBe(0);
    expect(kept(Array.from({ length: 7 }, () => 'a'))).toBe(0);
  });

  test('refuses a phone that the model does not write', () => {
    const { samples, warp } = noise(0.5, 1);
    const config = { ...EXAMPLE_CONFIG, phones: ['a', 't'] };
    const make = () => speechBatches([{ samples, warp, phones: ['o'] }], config, OPTIONS, Random.seeded(1));
    expect(make).toThrow("Expected a phone of the model, got 'o'");
  });

  test('is the same for the same random numbers', () => {
    const make = (seed: number) => speechBatches(examples, EXAMPLE_CONFIG, OPTIONS, Random.seeded(seed));
    expect(make(5)).toEqual(make(5));
    expect(make(6)).not.toEqual(make(5));
  });

  test('leaves out what is too short for its labels', () => {
    const crowded = noise(
      0.2,
      1,
      Array.from({ length: 40 }, () => '1'),
    );
    expect(speechBatches([crowded], EXAMPLE_CONFIG, OPTIONS, Random.seeded(1))).toEqual([]);
  });

  test('gives held-out recordings exactly the frames that a stream beginning with them has', () => {
    const [batch] = speechBatches([examples[0]!], EXAMPLE_CONFIG, OPTIONS, Random.seeded(1), false);
    expect(batch?.frames).toEqual(speechFrames(EXAMPLE_CONFIG, examples[0]!));
  });

  test('refuses a label that the vocabulary has not', () => {
    expect(() => speechBatches([noise(0.5, 1, ['nine'])], EXAMPLE_CONFIG, OPTIONS, Random.seeded(1))).toThrow(/'nine'/);
  });
});

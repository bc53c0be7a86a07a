/** The decoders that are kept, and how their delays are told. */
import { readFile } from 'node:fs/promises';

import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';

import { configOf, KINDS, SEEDS } from '../../models/online-digits/config.ts';
import { delaysOf, quantileOf, takenBack } from '../../models/online-digits/delays.ts';
import { isKept, withoutDecoder } from '../../models/online-digits/folders.ts';
import { assertWeights, readCheckpoint } from '../../src/model/checkpoint.ts';
import { decodeSafetensors } from '../../src/tensor/safetensors.ts';

test('each kind is kept, as the decoder of a whole model with the other parts of codes-en', async () => {
  const { weights } = await readCheckpoint('models/codes-en');
  for (const kind of KINDS) {
    const seeds = SEEDS.filter((seed) => isKept(kind, seed));
    expect(seeds.length, kind).toBeGreaterThan(0);
    for (const seed of seeds) {
      const file = `models/online-digits/decoders/${kind}-${seed}.safetensors`;
      const { tensors } = decodeSafetensors(await readFile(file));
      assertWeights(configOf(kind), { ...withoutDecoder(weights), ...tensors });
    }
  }
});

describe('readings of a stream', () => {
  const readings = [
    { time: 1, words: ['one'], settled: 0 },
    { time: 2, words: ['one', 'five'], settled: 0 },
    { time: 3, words: ['one', 'nine'], settled: 0 },
    { time: 5, words: ['one', 'nine'], settled: 2 },
  ];

  test('tell from when on a word stood there for good, and from when on it could not change', () => {
    const delays = delaysOf(readings, ['one', 'nine'], [0.75, 2.5]);
    expect(delays).toEqual({ shown: [0.25, 0.5], settled: [4.25, 2.5] });
  });

  test('tell no delays where something else was heard', () => {
    expect(delaysOf(readings, ['one', 'five'], [0.75, 2.5])).toBeUndefined();
    expect(delaysOf([], ['one'], [0.75])).toBeUndefined();
  });

  test('count words that were changed or taken back', () => {
    expect(takenBack(readings)).toBe(1);
    expect(takenBack([...readings, { time: 6, words: [], settled: 0 }])).toBe(3);
  });

  test('have quantiles', () => {
    expect([quantileOf([3, 1, 2], 0.5), quantileOf([3, 1, 2], 0.9), quantileOf([], 0.5)]).toEqual([2, 3, Number.NaN]);
  });
});

import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { type LogMelConfig, logMel } from '../../src/audio/log-mel.ts';

type Case = {
  readonly name: string;
  readonly config: LogMelConfig;
  /** int16, little-endian, base64 */ readonly samples: string;
  readonly rows: readonly (readonly number[])[];
};

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('audio/log-mel.json', import.meta.url), 'utf8'));

function samplesOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index) / 32768);
}

describe('log-mel agrees with kaldi-native-fbank to 1e-4', () => {
  test.each(cases)('$name', ({ config, samples, rows }) => {
    const ours = logMel(config, samplesOf(samples));
    const theirs = rows.flat();
    expect(ours.length).toBe(theirs.length);
    const errors = theirs.map((value, index) => Math.abs(value - ours[index]!));
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });
});

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import type { SoundFileContainer } from '../../src/audio/sound-file.ts';
import { HearkenError } from '../../src/errors.ts';
import { aiff, be16, comm, ssnd } from './big-endian.ts';
import { cut, cutsArbitrary } from './chunking.ts';
import { bytes, data, fmt, riff, u32, ascii, u16 } from './wav-file.ts';
import { openReader } from './wav-reading.ts';

const runs = Number(process.env['HEARKEN_FUZZ_RUNS'] ?? 200);

type File = { readonly name: string; readonly container: SoundFileContainer; readonly content: Uint8Array };
type Case = { readonly name: string; readonly container: SoundFileContainer; readonly file: string };

const golden = new URL('../golden/audio/block-codecs.json', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(golden, 'utf8'));
const FILES: readonly File[] = [
  ...cases.map(({ name, container, file }) => ({
    name,
    container,
    content: Uint8Array.from(Buffer.from(file, 'base64')),
  })),
  { name: 'PCM in WAV', container: 'wav', content: riff([fmt({ channelCount: 2 }), data(1, 2, 3, 4), data(5, 6)]) },
  { name: 'PCM in AIFF', container: 'aiff', content: aiff([comm({ bits: 24 }), ssnd(be16(1, 2, 3)), ssnd(be16(1))]) },
  { name: 'PCM in AU', container: 'au', content: bytes(ascii('dns.'), u32(24, 8, 3, 8000, 2), u16(1, 2, 3, 4)) },
];

/** Some bytes of a file made others, near its start more often than not, some taken away, some put in. */
const mutations = fc.record({
  bytes: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      isHeader: fc.boolean(),
      value: fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x41),
    }),
    { maxLength: 6 },
  ),
  cutTo: fc.double({ min: 0, max: 1, noNaN: true }),
  isCut: fc.boolean(),
  inserted: fc.uint8Array({ maxLength: 40 }),
});

function mutate(content: Uint8Array, mutation: typeof mutations extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const mutated = content.slice(0, mutation.isCut ? Math.ceil(mutation.cutTo * content.length) : content.length);
  for (const { at, isHeader, value } of mutation.bytes) {
    mutated[Math.floor(at * (isHeader ? Math.min(80, mutated.length) : mutated.length))] = value;
  }
  const place = Math.floor(mutation.cutTo * mutated.length);
  return bytes(mutated.slice(0, place), mutation.inserted, mutated.slice(place));
}

/** The most samples that a byte can stand for: GSM has 160 in 33. */
const SAMPLES_A_BYTE = 5;

describe('a file with random faults gives finite samples, no more than its bytes hold, or a HearkenError', () => {
  test.each(FILES)('$name', { timeout: 30_000 + 20 * runs }, ({ container, content }) => {
    const property = fc.property(mutations, cutsArbitrary, (mutation, cuts) => {
      const file = mutate(content, mutation);
      const reader = openReader({ container, channel: 'all' });
      let count = 0;
      const take = (samples: Float32Array): void => {
        count += samples.length;
        expect(samples.every(Number.isFinite)).toBe(true);
      };
      try {
        for (const piece of cut(file, cuts)) take(reader.push(piece));
        take(reader.finish());
      } catch (error) {
        if (!(error instanceof HearkenError)) throw error;
      }
      expect(count).toBeLessThanOrEqual(SAMPLES_A_BYTE * file.length);
    });
    fc.assert(property, { numRuns: runs });
  });
});

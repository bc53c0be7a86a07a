/** Recordings: each container by the way that every recording takes, and the WAV reader's own bounds. */
import { join } from 'node:path';

import { readAudio } from '../../../src/audio/read-audio.ts';
import { createWavReader } from '../../../src/audio/wav.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { assertFinite, filesIn, type FuzzTarget } from '../target.ts';

/** A container that is read here, with its seeds in `corpus/NAME`. */
export function recordings(name: string, cases: number): FuzzTarget {
  return { name, cases, open: async () => hear };
}

/** Containers that `audio-decode` reads. */
export const COMPRESSED: FuzzTarget = {
  name: 'audio-compressed',
  cases: 40,
  mostBytes: 2 ** 28, // decoders bring their own memory, of WebAssembly
  seeds: async () => [...(await filesIn(join(import.meta.dirname, '../../golden/audio/containers'))).values()],
  open: async () => hear,
};

export const WAV_PIECES: FuzzTarget = {
  name: 'wav-pieces',
  cases: 3_000,
  seeds: async () => [...(await filesIn(join(import.meta.dirname, '../corpus/audio-wav'))).values()],
  open: async () => (bytes, random) => {
    const reader = createWavReader();
    let count = 0;
    for (const piece of cut(bytes, random)) {
      const samples = reader.push(piece);
      count += samples.length;
      assertFinite(samples);
    }
    if (count > MOST_SAMPLES_A_BYTE * bytes.length) throw new Error(`${count} samples of ${bytes.length} bytes`);
    reader.end();
  },
};

/** A byte of GSM 6.10 holds 4.9 samples, the densest codec that is read here. */
const MOST_SAMPLES_A_BYTE = 5;
/** At 16 kHz: more than any case should give. */
const MOST_SAMPLES = 2 ** 24;

async function hear(bytes: Uint8Array, random: Random): Promise<void> {
  let count = 0;
  for await (const samples of readAudio(cut(bytes, random), { sampleRate: 16_000 })) {
    assertFinite(samples);
    count += samples.length;
    if (count > MOST_SAMPLES) throw new Error(`${count} samples and more of ${bytes.length} bytes`);
  }
}

/** As bytes come from a socket: in pieces of any length, empty ones among them. */
function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
  const count = random.integer(4);
  const places = Array.from({ length: count }, () => random.integer(bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.slice(start, places[index] ?? bytes.length));
}

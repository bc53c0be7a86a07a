/** Recordings: each container by the way that every recording takes, and our own readers alone. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { containerOf } from '../../../src/audio/container.ts';
import { readAudio } from '../../../src/audio/read-audio.ts';
import {
  createSoundFileReader,
  type SoundFileContainer,
  type SoundFileOptions,
} from '../../../src/audio/sound-file.ts';
import { HearkenError } from '../../../src/errors.ts';
import { concatenate } from '../../../src/tensor/concatenate.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { assertFinite, CORPUS, filesIn, type FuzzTarget } from '../target.ts';

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

/** What a reader that is ours makes of a file must not depend on how it came. */
export const SOUND_FILES: FuzzTarget = {
  name: 'sound-files',
  cases: 3_000,
  seeds: async () => {
    const files = await Promise.all(SOUND_CONTAINERS.map((name) => filesIn(join(CORPUS, `audio-${name}`))));
    return files.flatMap((each) => [...each.values()]);
  },
  open: async () => (bytes, random) => {
    const sniffed = containerOf(bytes);
    const any = SOUND_CONTAINERS[random.integer(SOUND_CONTAINERS.length)]!; // within the list
    const container = sniffed?.by === 'read' ? sniffed.name : any;
    const channel = ([0, 'mix', 'all'] as const)[random.integer(3)] ?? 0;
    const whole = read([bytes], { container, channel });
    const pieces = read(cut(bytes, random), { container, channel });
    if (whole.samples.length > MOST_SAMPLES_A_BYTE * bytes.length) {
      throw new Error(`${whole.samples.length} samples of ${bytes.length} bytes`);
    }
    assertFinite(whole.samples);
    if (!isDeepStrictEqual(pieces, whole))
      throw new Error(`${container}: in pieces ${shown(pieces)}, whole ${shown(whole)}`);
  },
};

const SOUND_CONTAINERS: readonly SoundFileContainer[] = ['aiff', 'au', 'caf', 'w64', 'wav'];

type Read = { readonly samples: Float32Array; readonly fault: string | undefined };

function read(pieces: readonly Uint8Array[], options: SoundFileOptions): Read {
  const samples: Float32Array[] = [];
  const reader = createSoundFileReader(options);
  try {
    for (const piece of pieces) samples.push(reader.push(piece));
    samples.push(reader.finish());
    return { samples: concatenate(samples), fault: reader.damage()?.message };
  } catch (error) {
    if (error instanceof HearkenError) return { samples: concatenate(samples), fault: error.message };
    throw error;
  }
}

function shown({ samples, fault }: Read): string {
  return `${samples.length} samples, ${fault ?? 'nothing wrong'}`;
}

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

/** A recording of any length that needs no file: spoken strings in random order between silence and music. */
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readSoundFile } from '../src/audio/sound-file.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import { Random } from '../src/tensor/random.ts';

/** Sample rate in Hz. */
export const SAMPLE_RATE = 16_000;

/** Noise floor, -55 dBFS: digital silence is not what microphones give. */
const NOISE_PEAK = 10 ** (-55 / 20) * Math.sqrt(3);
const MUSIC_PEAK = 0.08;
/** Triads that the music goes through, semitones above A2 (110 Hz). */
const CHORDS = [
  [0, 4, 7],
  [5, 9, 12],
  [7, 11, 14],
  [-3, 0, 4],
];
const CHORD_SECONDS = 1.5;

/** Spoken strings at 16 kHz: the samples that come at that rate. */
export async function spokenStrings(): Promise<Float32Array[]> {
  return Promise.all(['phone-number', 'two-numbers'].map((name) => readSamples(`../samples/${name}.wav`)));
}

async function readSamples(path: string): Promise<Float32Array> {
  const bytes = createReadStream(fileURLToPath(new URL(path, import.meta.url)));
  const parts: Float32Array[] = [];
  for await (const { samples } of readSoundFile(bytes, { container: 'wav' })) parts.push(samples);
  return concatenate(parts);
}

/** `seconds` of audio in chunks of `chunkSeconds`: a third each of speech, near silence and music, always the same. */
export function* longRecording(
  strings: readonly Float32Array[],
  {
    seconds,
    chunkSeconds,
    seed = 1,
  }: { readonly seconds: number; readonly chunkSeconds: number; readonly seed?: number },
): Generator<Float32Array, void, undefined> {
  const random = Random.seeded(seed);
  const source = passages(strings, random);
  const chunkLength = Math.round(chunkSeconds * SAMPLE_RATE);
  let passage = new Float32Array(0);
  let position = 0;
  for (let left = Math.round(seconds * SAMPLE_RATE); left > 0; left -= chunkLength) {
    const chunk = new Float32Array(Math.min(chunkLength, left));
    for (let filled = 0; filled < chunk.length; ) {
      if (position === passage.length) [passage, position] = [source.next().value, 0];
      const count = Math.min(chunk.length - filled, passage.length - position);
      chunk.set(passage.subarray(position, position + count), filled);
      filled += count;
      position += count;
    }
    yield chunk.map((sample) => sample + NOISE_PEAK * (2 * random.uniform() - 1));
  }
}

/** Passages without end. */
function* passages(
  strings: readonly Float32Array[],
  random: Random,
): Generator<Float32Array<ArrayBuffer>, never, undefined> {
  for (let index = 0; ; index++) {
    yield Float32Array.from(strings[index % strings.length] ?? []);
    yield new Float32Array(Math.round((2 + 8 * random.uniform()) * SAMPLE_RATE));
    yield music(Math.round((2 + 8 * random.uniform()) * SAMPLE_RATE));
  }
}

/** Decaying triads, two partials a note. */
function music(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, index) => {
    const time = index / SAMPLE_RATE;
    const chord = CHORDS[Math.floor(time / CHORD_SECONDS) % CHORDS.length] ?? [];
    const decay = Math.exp(-1.5 * (time % CHORD_SECONDS));
    let sum = 0;
    for (const semitones of chord) {
      const phase = 2 * Math.PI * 110 * 2 ** (semitones / 12) * time;
      sum += Math.sin(phase) + 0.4 * Math.sin(2 * phase);
    }
    return (MUSIC_PEAK * decay * sum) / 4.2;
  });
}

import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { HearkenError } from '../src/errors.ts';

/** Sound and whatever is known of it, which is plain data. */
export type Sound = { /** Samples at 16 kHz, one channel. */ readonly samples: Int16Array };

type Place = { readonly offset: number; readonly length: number };

const INDEX_FILE = 'index.jsonl';
const AUDIO_FILE = 'audio.pcm';

/** Writes `sounds` to `folder`: their samples in one file, a line of JSON for each in another, which appears last. */
export async function writeSoundBank(folder: string, sounds: AsyncIterable<Sound>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries: Place[] = [];
  let offset = 0;
  async function* audio(): AsyncGenerator<Uint8Array> {
    for await (const { samples, ...rest } of sounds) {
      entries.push({ ...rest, offset, length: samples.length });
      offset += samples.length;
      yield new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    }
  }
  await pipeline(audio, createWriteStream(join(folder, AUDIO_FILE)));
  const index = join(folder, INDEX_FILE);
  await pipeline(
    entries.map((entry) => `${JSON.stringify(entry)}\n`),
    createWriteStream(`${index}.partial`),
  );
  await rename(`${index}.partial`, index);
}

export async function hasSoundBank(folder: string): Promise<boolean> {
  return stat(join(folder, INDEX_FILE)).then(
    () => true,
    () => false,
  );
}

/** Reads a bank that was written of sounds of type `T`. Throws `corpora/missing-bank` where `folder` holds no finished bank. */
export async function readSoundBank<T extends Sound>(folder: string): Promise<T[]> {
  if (!(await hasSoundBank(folder))) {
    throw new HearkenError(
      'corpora/missing-bank',
      `Expected synthesised speech in ${folder}, got no ${INDEX_FILE} there`,
    );
  }
  const index = await readFile(join(folder, INDEX_FILE), 'utf8');
  const audio = await readFile(join(folder, AUDIO_FILE));
  const samples = new Int16Array(audio.buffer, audio.byteOffset, audio.byteLength >> 1);
  const lines = index.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { offset, length, ...rest } = JSON.parse(line) as Place & Omit<T, 'samples'>; // as it was written
    return { ...rest, samples: samples.subarray(offset, offset + length) } as unknown as T;
  });
}

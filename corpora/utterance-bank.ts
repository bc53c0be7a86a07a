import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { HearkenError } from '../src/errors.ts';

/** A spoken word or string. */
export type Utterance = {
  /** Utterances of one voice can be joined to a longer one. */
  readonly voice: string;
  /** Whether the voice was made from a person's recordings, or is a formant synthesiser. */
  readonly source: 'recordings' | 'formants';
  readonly split: 'train' | 'dev';
  readonly labels: readonly string[];
  /** Samples at 16 kHz, one channel. */
  readonly samples: Int16Array;
};

type IndexEntry = Omit<Utterance, 'samples'> & { readonly offset: number; readonly length: number };

const INDEX_FILE = 'index.jsonl';
const AUDIO_FILE = 'audio.pcm';

/** Writes `utterances` to `folder`: their samples in one file, a line of JSON for each in another, which appears last. */
export async function writeUtteranceBank(folder: string, utterances: AsyncIterable<Utterance>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries: IndexEntry[] = [];
  let offset = 0;
  async function* audio(): AsyncGenerator<Uint8Array> {
    for await (const { samples, ...rest } of utterances) {
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

export async function hasUtteranceBank(folder: string): Promise<boolean> {
  return stat(join(folder, INDEX_FILE)).then(
    () => true,
    () => false,
  );
}

/** Reads a bank of utterances. Throws `corpora/missing-bank` where `folder` holds no finished bank. */
export async function readUtteranceBank(folder: string): Promise<Utterance[]> {
  if (!(await hasUtteranceBank(folder))) {
    throw new HearkenError(
      'corpora/missing-bank',
      `Expected synthesised speech in ${folder}, got no ${INDEX_FILE} there`,
    );
  }
  const index = await readFile(join(folder, INDEX_FILE), 'utf8');
  const audio = await readFile(join(folder, AUDIO_FILE));
  const samples = new Int16Array(audio.buffer, audio.byteOffset, audio.byteLength >> 1);
  return index
    .trimEnd()
    .split('\n')
    .map((line) => {
      // The file was written by `writeUtteranceBank`, which is typed.
      const { voice, source, split, labels, offset, length } = JSON.parse(line) as IndexEntry;
      return { voice, source, split, labels, samples: samples.subarray(offset, offset + length) };
    });
}

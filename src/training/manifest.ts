/** NeMo-style manifests: one JSON object a line, `{"audio_filepath", "duration", "text", "offset"?}`. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { z } from 'zod';

import { HearkenError } from '../errors.ts';

export type ManifestEntry = {
  /** Absolute path of the recording. */ readonly audioPath: string;
  /** Where the utterance begins, in seconds from the start of the file. */ readonly offset: number;
  /** Length of the utterance in seconds. */ readonly duration: number;
  /** Words of the transcript in lower case, none of them empty. */ readonly words: readonly string[];
  /** Where the entry stands, for messages: `line 3 of train.jsonl`. */ readonly place: string;
};

const line = z.object({
  audio_filepath: z.string().min(1),
  duration: z.number().positive(),
  text: z.string(),
  offset: z.number().min(0).optional(),
});

/**
 * The entries of the manifest at `path`; audio paths are relative to its folder, a byte-order mark is skipped. Throws
 * `manifest/missing`, and `manifest/line` with the number of a line that is not such an object.
 */
export async function readManifest(path: string): Promise<ManifestEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HearkenError('manifest/missing', `Expected a manifest at ${path}, got ${error.code ?? error.message}`);
  });
  const entries = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((row, index) => (row.trim() === '' ? [] : [parseLine(row, `line ${index + 1} of ${path}`, path)]));
  if (entries.length === 0) throw new HearkenError('manifest/line', `Expected lines in ${path}, got none`);
  return entries;
}

function parseLine(row: string, place: string, path: string): ManifestEntry {
  const refuse = (got: string): never => {
    const expected = 'a JSON object with `audio_filepath`, `duration` (seconds) and `text`';
    throw new HearkenError('manifest/line', `Expected ${place} to be ${expected}, got ${got}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    return refuse(row.slice(0, 60).replace(/\p{C}/gu, '.')); // no control characters on a terminal
  }
  const { data, error } = line.safeParse(value);
  if (error) return refuse(`${error.issues[0]?.path.join('.') || 'another value'}: ${error.issues[0]?.message}`);
  return {
    audioPath: resolve(dirname(path), data.audio_filepath),
    offset: data.offset ?? 0,
    duration: data.duration,
    words: data.text.toLowerCase().split(/\s+/).filter(Boolean),
    place,
  };
}

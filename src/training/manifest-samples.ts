/** The recordings that a manifest names: for training on them, and for counting errors on them. */
import { stat } from 'node:fs/promises';

import { readAudio } from '../audio/read-audio.ts';
import { HearkenError } from '../errors.ts';
import type { ManifestEntry } from './manifest.ts';

/** Seconds that an entry may reach beyond its file: manifests round, and lossy codecs pad. Silence stands for them. */
const LONGEST_OVERHANG = 0.1;

/** Looks for the recordings of all entries, before any is read. Throws `manifest/no-recording`, naming the line. */
export async function assertRecordings(entries: readonly ManifestEntry[]): Promise<void> {
  for (const { audioPath, place } of entries) {
    const file = await stat(audioPath).catch(() => undefined);
    if (file?.isFile() === true) continue;
    const got = file === undefined ? 'which does not exist' : 'which is no file';
    throw new HearkenError('manifest/no-recording', `Expected a recording for ${place}, got ${audioPath}, ${got}`);
  }
}

/**
 * What an entry names of its recording, its channels mixed, at `sampleRate` Hz. Throws `manifest/beyond-recording` where that is not
 * in the file, `audio/cancelled` where mixing leaves next to nothing of it, and as `readAudio` does; every message names the line.
 */
export async function readManifestSamples(entry: ManifestEntry, sampleRate: number): Promise<Float32Array> {
  const { audioPath, offset, duration, place } = entry;
  const [start, length] = [Math.round(offset * sampleRate), Math.round(duration * sampleRate)];
  const samples = new Float32Array(length);
  let position = -start; // of the next chunk, in `samples`
  let warning: HearkenError | undefined;
  const onWarning = (error: HearkenError): void => {
    warning = error;
  };
  try {
    for await (const chunk of readAudio(audioPath, { sampleRate, onWarning })) {
      const [from, to] = [Math.max(0, -position), Math.min(chunk.length, length - position)];
      if (to > from) samples.set(chunk.subarray(from, to), position + from);
      position += chunk.length;
      if (position >= length) break;
    }
    if (warning !== undefined) throw warning;
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError(error.code, `${error.message} (${audioPath}, ${place})`, { cause: error });
  }
  const isInside = position > 0 && position >= length - LONGEST_OVERHANG * sampleRate;
  if (isInside) return samples;
  const seconds = (position + start) / sampleRate;
  throw new HearkenError(
    'manifest/beyond-recording',
    `Expected ${place} to lie within ${audioPath}, which lasts ${seconds.toFixed(3)} s, ` +
      `got ${offset} s to ${Number((offset + duration).toFixed(3))} s`,
  );
}

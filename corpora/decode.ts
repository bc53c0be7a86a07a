import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CLIP_RATE } from './clip.ts';
import { runProgram } from './programs.ts';

/** Formats that ffmpeg cannot tell from the file itself. */
const RAW_FORMATS = {
  g722: ['-f', 'g722'],
  'mu-law 8 kHz': ['-f', 'mulaw', '-ar', '8000', '-ac', '1'],
} as const;

export type RawFormat = keyof typeof RAW_FORMATS;

/** Any sound file as a mono 16 kHz clip. */
export async function decodeClip(file: string, rawFormat?: RawFormat): Promise<Float32Array> {
  const input = rawFormat === undefined ? [] : RAW_FORMATS[rawFormat];
  const output = ['-f', 'f32le', '-ac', '1', '-ar', `${CLIP_RATE}`, '-'];
  const bytes = await runProgram('ffmpeg', ['-v', 'error', ...input, '-i', file, ...output]);
  // The copy is aligned to 4 bytes, which a Buffer need not be.
  return new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
}

/** Files that ffmpeg decodes in one process, which takes longer to start than a clip to decode. */
const FILES_A_PROCESS = 60;

/** Many sound files of one format as clips, in their order. */
export async function* decodeClips(files: readonly string[], rawFormat?: RawFormat): AsyncGenerator<Float32Array> {
  const format = rawFormat === undefined ? [] : RAW_FORMATS[rawFormat];
  for (let start = 0; start < files.length; start += FILES_A_PROCESS) {
    const folder = await mkdtemp(join(tmpdir(), 'hearken-decode-'));
    try {
      const group = files.slice(start, start + FILES_A_PROCESS);
      const outputs = group.map((_, index) => join(folder, `${index}.f32`));
      const inputs = group.flatMap((file) => [...format, '-i', file]);
      const clipFormat = ['-f', 'f32le', '-ac', '1', '-ar', `${CLIP_RATE}`];
      const maps = outputs.flatMap((file, index) => ['-map', `${index}:a`, ...clipFormat, file]);
      await runProgram('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, ...maps]);
      for (const file of outputs) yield new Float32Array(new Uint8Array(await readFile(file)).buffer);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

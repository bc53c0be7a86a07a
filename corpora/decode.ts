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

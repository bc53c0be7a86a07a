import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readAudio } from '../../src/audio/read-audio.ts';

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../samples/${file}`, import.meta.url));
}

/** One of the package's recordings in -1..1, at `sampleRate` Hz. */
export async function samplesOf(name: string, sampleRate: number): Promise<Float32Array> {
  const pieces: number[] = [];
  for await (const piece of readAudio(pathOf(`${name}.wav`), { sampleRate })) pieces.push(...piece);
  return Float32Array.from(pieces);
}

/** The same as s16le. */
export async function pcmOf(name: string, sampleRate: number): Promise<Buffer> {
  const samples = await samplesOf(name, sampleRate);
  const pcm = Buffer.alloc(2 * samples.length);
  for (const [index, sample] of samples.entries()) {
    pcm.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(32_768 * sample))), 2 * index);
  }
  return pcm;
}

/** What is said in it. */
export function textOf(name: string): string {
  return readFileSync(pathOf(`${name}.txt`), 'utf8').trim();
}

/** `whole` in pieces of `length`, the last one shorter; each owns its memory. */
export function cut(whole: Float32Array, length: number): Float32Array[] {
  const pieces: Float32Array[] = [];
  for (let at = 0; at < whole.length; at += length) pieces.push(whole.slice(at, at + length));
  return pieces;
}

/** The same of bytes, which share theirs. */
export function cutBytes(whole: Buffer, length: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += length) pieces.push(whole.subarray(at, at + length));
  return pieces;
}

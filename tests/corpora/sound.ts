import { createHash } from 'node:crypto';

import { CLIP_RATE } from '../../corpora/clip.ts';
import { randomFor } from '../../corpora/draw.ts';

/** A word-like sound: noise that rises and falls, different for each seed. */
export function burst(seed: number, seconds = 0.4): Float32Array {
  const random = randomFor(seed);
  const length = Math.round(seconds * CLIP_RATE);
  return Float32Array.from({ length }, (_, n) => 0.2 * random.normal() * Math.sin((Math.PI * n) / length));
}

export function decibels(level: number): number {
  return 20 * Math.log10(level);
}

/** Tells long arrays apart, which `toEqual` compares far too slowly. */
export function digest(samples: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');
}

/** Infinite where a sample is not a number. */
export function loudest(samples: Float32Array): number {
  let largest = 0;
  for (let n = 0; n < samples.length; n++) {
    const magnitude = Math.abs(samples[n]!);
    largest = Number.isNaN(magnitude) ? Number.POSITIVE_INFINITY : Math.max(largest, magnitude);
  }
  return largest;
}

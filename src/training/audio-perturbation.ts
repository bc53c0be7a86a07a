/** Variations of a recording that do not change what is said: speed, level, vocal tract, background noise. */
import { createResampler, type Resampler, resampleWith } from '../audio/resample.ts';
import type { Random } from '../tensor/random.ts';
import type { AudioExample } from './examples.ts';

/** Lengths are rounded up to these, so that utterances of a batch are equally long without frames nobody heard. */
const BUCKET_SECONDS = 0.8;
const LEAD_SECONDS = { shortest: 0.05, longest: 0.6 };
const TAIL_SECONDS = 0.35;

/**
 * `example` at another speed (0.9 to 1.1), level and warp (1 +- 0.08), with noise at 5 to 40 dB in one of two, placed
 * somewhere in a recording whose length is a multiple of 0.8 s; with `'padding only'`, just placed.
 */
export function perturbed(
  { samples, labels, phones, preceding }: AudioExample,
  sampleRate: number,
  random: Random,
  extent: 'all' | 'padding only' = 'all',
): AudioExample {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const isVaried = extent === 'all';
  // Played back `speed` times as fast: as if it had been recorded at another rate (Ko et al., 2015).
  const speed = isVaried ? 90 + random.integer(21) : 100;
  const speech = resampleWith(resamplerOf(speed), samples);
  const level = isVaried ? 10 ** between(-0.7, 0.3) : 1;
  const lead = Math.round(between(LEAD_SECONDS.shortest, LEAD_SECONDS.longest) * sampleRate);
  const needed = lead + speech.length + TAIL_SECONDS * sampleRate;
  const bucket = BUCKET_SECONDS * sampleRate;
  const padded = new Float32Array(Math.ceil(needed / bucket) * bucket);
  for (let at = 0; at < speech.length; at++) padded[lead + at] = speech[at]! * level;
  const floor = 10 ** (between(-65, -50) / 20);
  const noise = isVaried && random.uniform() < 0.5 ? rootMeanSquare(speech) * level * 10 ** (-between(5, 40) / 20) : 0;
  const deviation = Math.hypot(floor, noise);
  for (let at = 0; at < padded.length; at++) padded[at] = padded[at]! + deviation * random.normal();
  const warp = isVaried ? Math.max(0.8, Math.min(1.25, 1 + 0.08 * random.normal())) : 1;
  if (preceding === undefined) return { samples: padded, labels, phones, warp };
  const end = lead + Math.floor((preceding.end * speech.length) / samples.length);
  return { samples: padded, labels, phones, warp, preceding: { ...preceding, end } };
}

/** Resamplers by speed in percent, kept because their tables cost more than a recording does. */
const resamplers = new Map<number, Resampler>();

function resamplerOf(speed: number): Resampler {
  const known = resamplers.get(speed) ?? createResampler({ inputRate: speed * 100, outputRate: 10_000 });
  resamplers.set(speed, known);
  return known.fork();
}

function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < samples.length; at++) sum += samples[at]! ** 2;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

import { createResampler, type Resampler } from '../src/audio/resample.ts';
import { HearkenError } from '../src/errors.ts';
import { concatenate } from '../src/tensor/concatenate.ts';

/** Rate of every clip in this folder, Hz. */
export const CLIP_RATE = 16_000;

const TRIM_FRAME = CLIP_RATE / 100;

/** Mono 16 kHz samples of a plain PCM16 WAV as the synthesisers here write it (sizes in the header may be false). */
export function clipFromWav(wav: Buffer): Float32Array {
  const format = wav.indexOf('fmt ');
  const data = wav.indexOf('data');
  if (format < 0 || data < 0 || wav.readUInt16LE(format + 10) !== 1 || wav.readUInt16LE(format + 22) !== 16) {
    throw new HearkenError('corpora/not-wav', `Expected mono PCM16 WAV, got ${wav.length} bytes of something else`);
  }
  const sampleCount = (wav.length - data - 8) >> 1;
  const samples = new Float32Array(sampleCount);
  for (let index = 0; index < sampleCount; index++) {
    samples[index] = wav.readInt16LE(data + 8 + 2 * index) / 32768;
  }
  const { push, flush } = resamplerFrom(wav.readUInt32LE(format + 12));
  return concatenate([push(samples), flush()]);
}

/** A resampler's tables take longer to make than a clip to resample. After `flush` it starts afresh. */
const resamplers = new Map<number, Resampler>();

function resamplerFrom(inputRate: number): Resampler {
  const resampler = resamplers.get(inputRate) ?? createResampler({ inputRate, outputRate: CLIP_RATE });
  resamplers.set(inputRate, resampler);
  return resampler;
}

/** The part of `clip` whose 10 ms frames are louder than `threshold` x the loudest, and `paddingSeconds` around it. */
export function trimmed(clip: Float32Array, threshold: number, paddingSeconds: number): Float32Array {
  const levels: number[] = [];
  for (let start = 0; start + TRIM_FRAME <= clip.length; start += TRIM_FRAME) {
    levels.push(rootMeanSquare(clip.subarray(start, start + TRIM_FRAME)));
  }
  const loudest = Math.max(...levels);
  const first = levels.findIndex((level) => level > threshold * loudest);
  const last = levels.findLastIndex((level) => level > threshold * loudest);
  if (first < 0) {
    return clip;
  }
  const padding = Math.round(paddingSeconds * CLIP_RATE);
  return clip.slice(Math.max(0, first * TRIM_FRAME - padding), (last + 1) * TRIM_FRAME + padding);
}

/** `clip` scaled so that its largest magnitude is `peak`; a silent clip stays silent. */
export function withPeak(clip: Float32Array, peak: number): Float32Array {
  const largest = clip.reduce((maximum, sample) => Math.max(maximum, Math.abs(sample)), 0);
  return largest === 0 ? clip : clip.map((sample) => (sample / largest) * peak);
}

export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (let n = 0; n < samples.length; n++) {
    sum += samples[n]! ** 2;
  }
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** 16-bit samples as numbers from -1 to 1, `gain` times as loud. */
export function floatSamples(samples: Int16Array, gain = 1): Float32Array {
  const output = new Float32Array(samples.length);
  const scale = gain / 32_768;
  for (let n = 0; n < samples.length; n++) output[n] = samples[n]! * scale;
  return output;
}

import FFT from 'fft.js';

import { CLIP_RATE } from './clip.ts';

/** Plays `samples` `factor` times as fast, which raises pitch and formants alike (Catmull-Rom interpolation). */
export function withSpeed(samples: Float32Array, factor: number): Float32Array {
  const length = Math.floor((samples.length - 3) / factor);
  const output = new Float32Array(Math.max(0, length));
  for (let n = 0; n < output.length; n++) {
    const position = 1 + n * factor;
    const left = Math.floor(position);
    const t = position - left;
    const a = samples[left - 1]!;
    const b = samples[left]!;
    const c = samples[left + 1]!;
    const d = samples[left + 2]!;
    output[n] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
  return output;
}

/** Finite impulse response filter in place; `taps[0]` meets the newest sample. */
export function filterInPlace(samples: Float32Array, taps: Float32Array): void {
  for (let n = samples.length - 1; n >= 0; n--) {
    let sum = 0;
    for (let tap = Math.min(taps.length - 1, n); tap >= 0; tap--) {
      sum += taps[tap]! * samples[n - tap]!;
    }
    samples[n] = sum;
  }
}

/** Butterworth filter of even `order` in place: a chain of second-order sections by the bilinear transform. */
export function butterworthInPlace(
  samples: Float32Array,
  pass: 'low' | 'high',
  options: { readonly cutoffHz: number; readonly order: number },
): void {
  const { cutoffHz, order } = options;
  const k = Math.tan((Math.PI * cutoffHz) / CLIP_RATE);
  for (let section = 0; section < order / 2; section++) {
    const damping = 2 * Math.sin((Math.PI * (2 * section + 1)) / (2 * order));
    const norm = 1 / (1 + damping * k + k * k);
    const b0 = pass === 'low' ? k * k * norm : norm;
    const b1 = pass === 'low' ? 2 * b0 : -2 * b0;
    const a1 = 2 * (k * k - 1) * norm;
    const a2 = (1 - damping * k + k * k) * norm;
    let first = 0;
    let second = 0;
    for (let n = 0; n < samples.length; n++) {
      const x = samples[n]!;
      const y = b0 * x + first;
      first = b1 * x - a1 * y + second;
      second = b0 * x - a2 * y;
      samples[n] = y;
    }
  }
}

const MU = 255;
/** Value of each 16-bit sample after an 8-bit mu-law telephone line (ITU-T G.711, continuous form). */
const MU_LAW_TABLE: Float32Array = Float32Array.from({ length: 65_536 }, (_, index) => {
  const x = (index - 32_768) / 32_768;
  const compressed = Math.round((127 * Math.log1p(MU * Math.abs(x))) / Math.log1p(MU)) / 127;
  return Math.sign(x) * (Math.expm1(compressed * Math.log1p(MU)) / MU);
});

/** Rounds every sample as an 8-bit mu-law telephone line does; what is outside -1..1 is clipped. */
export function muLawInPlace(samples: Float32Array): void {
  for (let n = 0; n < samples.length; n++) {
    const index = Math.max(0, Math.min(65_535, Math.round(samples[n]! * 32_768) + 32_768));
    samples[n] = MU_LAW_TABLE[index]!;
  }
}

const CONVOLUTION_LENGTH = 16_384;
const convolutionTransform = new FFT(CONVOLUTION_LENGTH);

/** Adds to `samples` their convolution with `response` (at most 0.5 s), cut to the same length. Overlap-add. */
export function reverberateInPlace(samples: Float32Array, response: Float32Array): void {
  const spectrum = new Float64Array(2 * CONVOLUTION_LENGTH);
  const time = new Float64Array(2 * CONVOLUTION_LENGTH);
  const filter = new Float64Array(2 * CONVOLUTION_LENGTH);
  for (let n = 0; n < response.length; n++) {
    time[2 * n] = response[n]!;
  }
  convolutionTransform.transform(filter, time);
  const dry = samples.slice();
  const blockLength = CONVOLUTION_LENGTH - response.length + 1;
  // The response is real, so one complex transform carries two blocks: the second as the imaginary part.
  for (let start = 0; start < dry.length; start += 2 * blockLength) {
    time.fill(0);
    for (let n = 0; n < blockLength; n++) {
      time[2 * n] = dry[start + n] ?? 0;
      time[2 * n + 1] = dry[start + blockLength + n] ?? 0;
    }
    convolutionTransform.transform(spectrum, time);
    multiplyComplexInPlace(spectrum, filter);
    convolutionTransform.inverseTransform(time, spectrum);
    const end = Math.min(CONVOLUTION_LENGTH, samples.length - start);
    for (let n = 0; n < end; n++) {
      samples[start + n] = samples[start + n]! + time[2 * n]!;
      const late = start + blockLength + n;
      if (late < samples.length) {
        samples[late] = samples[late]! + time[2 * n + 1]!;
      }
    }
  }
}

function multiplyComplexInPlace(spectrum: Float64Array, filter: Float64Array): void {
  for (let n = 0; n < spectrum.length; n += 2) {
    const re = spectrum[n]!;
    const im = spectrum[n + 1]!;
    const filterRe = filter[n]!;
    const filterIm = filter[n + 1]!;
    spectrum[n] = re * filterRe - im * filterIm;
    spectrum[n + 1] = re * filterIm + im * filterRe;
  }
}

/**
 * How flat the pass-band and how silent the stop-band of the resampler is, and how fast it runs, beside the figures of
 * libsamplerate's best and of soxr that `tests/golden/audio/resample.py` has recorded with the same tones.
 */
import { readFileSync } from 'node:fs';

import { resample } from '../src/audio/resample.ts';

type Figures = { readonly pass: readonly number[]; readonly stop: readonly number[] };
type Golden = {
  readonly outputRate: number;
  /** Shares of the lower Nyquist frequency. */ readonly passBand: readonly number[];
  /** Shares of the way from the lower Nyquist frequency to the higher (upwards: to 0). */
  readonly stopBand: readonly number[];
  readonly cases: readonly { readonly inputRate: number; readonly peers: Readonly<Record<string, Figures>> }[];
};

/** The share up to which ripple is reported; beyond it every one of them falls. */
const FLAT_TO = 0.93;

export default async function benchResample(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const path = new URL('../tests/golden/audio/resample.json', import.meta.url);
  const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));
  const rows = golden.cases.flatMap(({ inputRate, peers }) => {
    const ours = figuresOf(golden, inputRate);
    const speed = Math.round(secondsOfAudioASecond(inputRate, golden.outputRate));
    return [
      { ...summarize(golden, inputRate, 'hearken', ours), secondsOfAudioASecond: speed },
      ...Object.entries(peers).map(([name, figures]) => summarize(golden, inputRate, name, figures)),
    ];
  });
  return {
    rows,
    notes: [
      `To ${golden.outputRate} Hz; tones of amplitude 1, dB; shares are of the lower Nyquist frequency.`,
      'stopBand: aliases of tones from that frequency up, or images of tones below it; float32 output ends near -150 dB.',
    ],
  };
}

function summarize(golden: Golden, inputRate: number, resampler: string, figures: Figures): Record<string, unknown> {
  const flat = figures.pass.filter((_, index) => golden.passBand[index]! <= FLAT_TO);
  return {
    inputRate,
    resampler,
    ripple: round(Math.max(...flat.map(Math.abs)), 4),
    at95Percent: round(figures.pass[golden.passBand.indexOf(0.95)]!, 2),
    stopBand: round(Math.max(...figures.stop), 1),
  };
}

function figuresOf({ outputRate, passBand, stopBand }: Golden, inputRate: number): Figures {
  const lower = Math.min(inputRate, outputRate) / 2;
  const higher = Math.max(inputRate, outputRate) / 2;
  const convert = (hz: number) => resample(tone(hz, inputRate), { inputRate, outputRate });
  const pass = passBand.map((share) => fit(convert(share * lower), share * lower, outputRate).tone);
  const stop = stopBand.map((share) => {
    if (inputRate <= outputRate) return fit(convert(lower * (1 - share)), lower * (1 - share), outputRate).rest;
    return decibels(2 * meanSquare(middleOf(convert(lower + share * (higher - lower)))));
  });
  return { pass, stop };
}

function tone(hz: number, rate: number): Float32Array {
  return Float32Array.from({ length: rate }, (_, t) => Math.sin((2 * Math.PI * hz * t) / rate));
}

function middleOf(samples: Float32Array): Float32Array {
  const start = Math.floor(samples.length / 4);
  return samples.subarray(start, samples.length - start);
}

/** Least squares of `a sin + b cos` in the middle half: dB of the tone and of what is left. */
function fit(samples: Float32Array, hz: number, rate: number): { tone: number; rest: number } {
  const middle = middleOf(samples);
  let [ss, cc, sc, sy, cy] = [0, 0, 0, 0, 0];
  const angles = Float64Array.from(middle, (_, t) => (2 * Math.PI * hz * t) / rate);
  for (const [t, y] of middle.entries()) {
    const [s, c] = [Math.sin(angles[t]!), Math.cos(angles[t]!)];
    ss += s * s;
    cc += c * c;
    sc += s * c;
    sy += s * y;
    cy += c * y;
  }
  const determinant = ss * cc - sc * sc;
  const a = (sy * cc - cy * sc) / determinant;
  const b = (cy * ss - sy * sc) / determinant;
  const rest = Float64Array.from(middle, (y, t) => {
    const angle = angles[t]!;
    return y - a * Math.sin(angle) - b * Math.cos(angle);
  });
  return { tone: decibels(a * a + b * b), rest: decibels(2 * meanSquare(rest)) };
}

function meanSquare(samples: Float32Array | Float64Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum / samples.length;
}

function decibels(power: number): number {
  return 10 * Math.log10(power + 1e-30);
}

function secondsOfAudioASecond(inputRate: number, outputRate: number): number {
  const seconds = 4;
  const samples = Float32Array.from({ length: seconds * inputRate }, () => Math.random() - 0.5);
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage(); // not the clock: other processes may want the core
    resample(samples, { inputRate, outputRate });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return seconds / Math.min(...times);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

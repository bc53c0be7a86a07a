/**
 * GSM 06.10 full rate (ETSI EN 300 961), 160 samples at 8 kHz in 260 bits: as frames of 33 bytes (AIFC), and two of them in
 * 65 bytes (WAV, "WAV49"). The arithmetic is that of the standard, bit for bit. Own code, for npm has no decoder of it.
 */
import type { BlockCodec } from './block-decoder.ts';

const FRAME_SAMPLES = 160;
const SUBFRAMES = 4;
const SUBFRAME_SAMPLES = 40;
const PULSES = 13;
/** The longest lag, in samples. */
const HISTORY = 120;

/** Bits of the eight log-area ratios, and of a subframe's lag, gain, grid, block maximum and pulses. */
const RATIO_BITS = [6, 6, 5, 5, 4, 4, 3, 3];
const BITS = { lag: 7, gain: 2, grid: 2, maximum: 6, pulse: 3 };

/** Tables 5.1 and 5.2 of the standard: how log-area ratios were quantised. */
const RATIO_OFFSETS = [0, 0, 2048, -2560, 94, -1792, -341, -1144];
const RATIO_MINIMA = [-32, -32, -16, -16, -8, -8, -4, -4];
const RATIO_SCALES = [13_107, 13_107, 13_107, 13_107, 19_223, 17_476, 31_454, 29_708];
/** Tables 5.3b and 5.6: gains of the lag, and mantissas of the block maximum. */
const GAINS = [3277, 11_469, 21_299, 32_767];
const MANTISSAS = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767];

/** Samples at which the interpolated ratios change, and the share of the last frame's ratios in them, in quarters. */
const INTERPOLATION = [
  { end: 13, old: 3 },
  { end: 27, old: 2 },
  { end: 40, old: 1 },
  { end: FRAME_SAMPLES, old: 0 },
];
const DEEMPHASIS = 28_180;

type BitReader = (count: number) => number;

/** Writes one frame's samples, in -1..1. */
type FrameDecoder = (read: BitReader, samples: Float32Array) => void;

const AIFC = { bytes: 33, magic: 0xd };
const WAV = { bytes: 65, frames: 2 };

/** Frames of 33 bytes, each with four bits to know it by, the highest bits first. */
export const gsmFrames: BlockCodec = {
  name: 'gsm',
  blockBytes: AIFC.bytes,
  frameCountOf: (bytes) => (bytes < AIFC.bytes ? 0 : FRAME_SAMPLES),
  open: () => {
    const decode = openFrames();
    return (block, samples) => {
      const read = highestFirst(block);
      const magic = read(4);
      if (magic !== AIFC.magic) return `a GSM 6.10 frame that starts with ${AIFC.magic}, got ${magic}`;
      decode(read, samples);
      return undefined;
    };
  },
};

/** Two frames in 65 bytes, the lowest bits first. */
export const gsmPairs: BlockCodec = {
  name: 'gsm',
  blockBytes: WAV.bytes,
  frameCountOf: (bytes) => {
    if (bytes < AIFC.bytes) return 0;
    return bytes < WAV.bytes ? FRAME_SAMPLES : WAV.frames * FRAME_SAMPLES;
  },
  open: () => {
    const decode = openFrames();
    return (block, samples) => {
      const read = lowestFirst(block);
      decode(read, samples);
      if (block.length === WAV.bytes) decode(read, samples.subarray(FRAME_SAMPLES));
      return undefined;
    };
  },
};

function highestFirst(bytes: Uint8Array): BitReader {
  let position = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit++, position++) {
      value = (value << 1) | ((bytes[position >> 3]! >> (7 - (position & 7))) & 1); // frames are whole
    }
    return value;
  };
}

function lowestFirst(bytes: Uint8Array): BitReader {
  let position = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit++, position++) {
      value |= ((bytes[position >> 3]! >> (position & 7)) & 1) << bit; // frames are whole
    }
    return value;
  };
}

/** Section 5.3 of the standard. */
function openFrames(): FrameDecoder {
  let oldRatios = new Int32Array(RATIO_BITS.length);
  const excitation = new Int32Array(HISTORY + FRAME_SAMPLES); // of the lag's reach, and of this frame
  const lattice = new Int32Array(RATIO_BITS.length + 1);
  let lag = SUBFRAME_SAMPLES;
  let emphasis = 0;

  const synthesize = (ratios: Int32Array, samples: Float32Array): void => {
    let index = 0;
    for (const { end, old } of INTERPOLATION) {
      const reflections = reflectionsOf(oldRatios, ratios, old);
      for (; index < end; index++) {
        let sample = excitation[HISTORY + index]!; // all indices are within their arrays, here and below
        for (let order = RATIO_BITS.length - 1; order >= 0; order--) {
          const reflection = reflections[order]!;
          const stored = lattice[order]!;
          sample = saturate(sample - multiply(reflection, stored));
          lattice[order + 1] = saturate(stored + multiply(reflection, sample));
        }
        lattice[0] = sample;
        emphasis = saturate(sample + multiply(emphasis, DEEMPHASIS));
        samples[index] = (saturate(2 * emphasis) & ~7) / 32_768;
      }
    }
  };

  return (read, samples) => {
    const ratios = Int32Array.from(RATIO_BITS, (bits, order) => ratioOf(read(bits), order));
    excitation.copyWithin(0, FRAME_SAMPLES);
    for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
      const start = HISTORY + subframe * SUBFRAME_SAMPLES;
      const newLag = read(BITS.lag);
      if (newLag >= SUBFRAME_SAMPLES && newLag <= HISTORY) lag = newLag;
      const gain = GAINS[read(BITS.gain)]!; // of four
      const pulses = readPulses(read);
      for (let index = start; index < start + SUBFRAME_SAMPLES; index++) {
        const predicted = multiply(gain, excitation[index - lag]!);
        excitation[index] = saturate(pulses[index - start]! + predicted);
      }
    }
    synthesize(ratios, samples);
    oldRatios = ratios;
  };
}

/** Section 5.2.8. */
function ratioOf(code: number, order: number): number {
  const minimum = RATIO_MINIMA[order]!; // tables of eight
  const offset = RATIO_OFFSETS[order]!;
  const scaled = multiply(RATIO_SCALES[order]!, saturate(((code + minimum) << 10) - (offset << 1)));
  return saturate(2 * scaled);
}

/** Sections 5.2.9 and 5.2.10: log-area ratios between two frames, made reflection coefficients. */
function reflectionsOf(old: Int32Array, current: Int32Array, oldQuarters: number): Int32Array {
  return current.map((now, order) => {
    const before = old[order]!; // as many
    const ratio = [now, quarters(before, now), saturate((before >> 1) + (now >> 1)), quarters(now, before)][
      oldQuarters
    ];
    return reflectionOf(ratio!); // of four
  });
}

/** A quarter of `less` and three of `more`, in the standard's order of rounding. */
function quarters(less: number, more: number): number {
  return saturate(saturate((less >> 2) + (more >> 2)) + (more >> 1));
}

function reflectionOf(ratio: number): number {
  const size = Math.min(32_767, Math.abs(ratio));
  if (size < 11_059) return Math.sign(ratio) * (size << 1);
  return Math.sign(ratio) * (size < 20_070 ? size + 11_059 : saturate((size >> 2) + 26_112));
}

/** Sections 5.2.15 to 5.2.17: 13 pulses, each third sample of a subframe. */
function readPulses(read: BitReader): Int32Array {
  const grid = read(BITS.grid);
  const { exponent, mantissa } = floatOf(read(BITS.maximum));
  const scale = MANTISSAS[mantissa]!; // of eight
  const shift = 6 - exponent;
  const rounding = shift > 0 ? 1 << (shift - 1) : 0;
  const samples = new Int32Array(SUBFRAME_SAMPLES);
  for (let pulse = 0; pulse < PULSES; pulse++) {
    const code = (2 * read(BITS.pulse) - 7) << 12;
    samples[grid + 3 * pulse] = saturate(multiply(scale, code) + rounding) >> shift;
  }
  return samples;
}

/** A block maximum as a floating-point number: exponent in -4..6, mantissa in 0..7. */
function floatOf(maximum: number): { exponent: number; mantissa: number } {
  let exponent = maximum > 15 ? (maximum >> 3) - 1 : 0;
  let mantissa = maximum - (exponent << 3);
  if (mantissa === 0) return { exponent: -4, mantissa: 7 };
  while (mantissa <= 7) {
    mantissa = (mantissa << 1) | 1;
    exponent--;
  }
  return { exponent, mantissa: mantissa - 8 };
}

/** Both in 16 bits: the rounded product of two fractions. */
function multiply(first: number, second: number): number {
  return saturate((first * second + 16_384) >> 15);
}

function saturate(value: number): number {
  return Math.min(32_767, Math.max(-32_768, value));
}

import { designLowPass, type LowPass } from './kaiser.ts';

/** Ends of the pass-band and starts of the stop-band, as shares of the lower of the two Nyquist frequencies. */
export const PASS_BAND_EDGE: number = 0.93;
export const STOP_BAND_EDGE: number = 1;
/** dB. Together with the edges: as flat and as silent as libsamplerate's best (`npm run bench -- resample`). */
const ATTENUATION = 140;
/** Coefficients kept, 8 MB; with more phases than that allows, neighbouring ones are interpolated. */
const MAX_COEFFICIENTS = 2 ** 20;

/** A low-pass at the lower Nyquist frequency, sampled for every position that an output can have between two inputs. */
export type Polyphase = {
  /** Outputs a second and inputs a second, by their greatest common divisor. */
  readonly up: number;
  readonly down: number;
  /** Inputs that one output needs: half of them up to its own time, half after it. A multiple of 4. */
  readonly taps: number;
  /** The output `phase / up` of the way from input `start + taps / 2 - 1` to the next. */
  readonly interpolate: (inputs: Float32Array, start: number, phase: number) => number;
};

export function createPolyphase(inputRate: number, outputRate: number): Polyphase {
  const divisor = greatestCommonDivisor(inputRate, outputRate);
  const [up, down] = [outputRate / divisor, inputRate / divisor];
  const nyquist = 0.5 * Math.min(1, outputRate / inputRate); // cycles an input sample
  const lowPass = designLowPass({
    cutoff: (nyquist * (PASS_BAND_EDGE + STOP_BAND_EDGE)) / 2,
    transition: nyquist * (STOP_BAND_EDGE - PASS_BAND_EDGE),
    attenuation: ATTENUATION,
  });
  const taps = 4 * Math.ceil(lowPass.halfWidth / 2);
  if (up * taps <= MAX_COEFFICIENTS) {
    const rows = sampleRows(lowPass, { taps, phases: up, rowCount: up });
    return { up, down, taps, interpolate: (inputs, start, phase) => dot(rows, phase * taps, inputs, start, taps) };
  }
  // Linear interpolation of a kernel sampled `phases` times an input errs by (pi 2 cutoff / phases)^2 / 8, which for
  // this many coefficients is below -140 dB at any rates: the wider the kernel, the smoother it is.
  const phases = Math.floor(MAX_COEFFICIENTS / taps);
  const rows = sampleRows(lowPass, { taps, phases, rowCount: phases + 1 });
  return {
    up,
    down,
    taps,
    interpolate: (inputs, start, phase) => {
      const position = (phase * phases) / up;
      const row = Math.floor(position);
      const before = dot(rows, row * taps, inputs, start, taps);
      const after = dot(rows, (row + 1) * taps, inputs, start, taps);
      return before + (position - row) * (after - before);
    },
  };
}

/** `[rowCount, taps]`: row r is the kernel r / phases of an input later, with a sum of 1. */
function sampleRows(
  lowPass: LowPass,
  { taps, phases, rowCount }: { readonly taps: number; readonly phases: number; readonly rowCount: number },
): Float64Array {
  const rows = new Float64Array(rowCount * taps);
  for (let index = 0; index <= phases / 2; index++) {
    const row = sampleRow(lowPass, taps, index / phases);
    rows.set(row, index * taps);
    const mirror = phases - index; // the kernel is even
    if (mirror < rowCount) rows.set(row.toReversed(), mirror * taps);
  }
  return rows;
}

function sampleRow({ kernel }: LowPass, taps: number, lateness: number): Float64Array {
  const row = Float64Array.from({ length: taps }, (_, tap) => kernel(tap - taps / 2 + 1 - lateness));
  const sum = row.reduce((total, weight) => total + weight);
  return row.map((weight) => weight / sum);
}

/** Four sums at a time: a single one would wait for each addition. `taps` is a multiple of 4, and reads are inside. */
function dot(rows: Float64Array, rowStart: number, inputs: Float32Array, inputStart: number, taps: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let tap = 0; tap < taps; tap += 4) {
    const row = rowStart + tap;
    const input = inputStart + tap;
    a += rows[row]! * inputs[input]!;
    b += rows[row + 1]! * inputs[input + 1]!;
    c += rows[row + 2]! * inputs[input + 2]!;
    d += rows[row + 3]! * inputs[input + 3]!;
  }
  return a + b + (c + d);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

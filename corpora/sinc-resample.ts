/** Zero crossings of the windowed sinc on each side of its centre. */
const ZERO_CROSSINGS = 24;
/** Share of the smaller Nyquist frequency that is kept. */
const ROLL_OFF = 0.95;

/** Resamples a whole clip from `inputRate` to `outputRate` (Hz) with a Hann-windowed sinc; the ends see silence. */
export function sincResample(samples: Float32Array, inputRate: number, outputRate: number): Float32Array {
  if (inputRate === outputRate) {
    return samples;
  }
  const divisor = greatestCommonDivisor(inputRate, outputRate);
  const up = outputRate / divisor;
  const down = inputRate / divisor;
  const phases = polyphaseFilters(up, down);
  const tapCount = (phases[0] as Float32Array).length;
  const output = new Float32Array(Math.ceil((samples.length * up) / down));
  for (let n = 0; n < output.length; n++) {
    const position = n * down;
    const taps = phases[position % up] as Float32Array;
    const first = Math.floor(position / up) - tapCount / 2 + 1;
    let sum = 0;
    for (let tap = Math.max(0, -first); tap < tapCount && first + tap < samples.length; tap++) {
      sum += (samples[first + tap] as number) * (taps[tap] as number);
    }
    output[n] = sum;
  }
  return output;
}

const filterCache = new Map<string, readonly Float32Array[]>();

/** One filter for each of the `up` positions that an output sample can have between two input samples. */
function polyphaseFilters(up: number, down: number): readonly Float32Array[] {
  const key = `${up}/${down}`;
  const cached = filterCache.get(key);
  if (cached) {
    return cached;
  }
  const cutoff = ROLL_OFF * Math.min(1, up / down);
  const halfWidth = Math.ceil(ZERO_CROSSINGS / cutoff);
  const filters = Array.from({ length: up }, (_, phase) =>
    Float32Array.from({ length: 2 * halfWidth }, (_tap, tap) => {
      const distance = tap - halfWidth + 1 - phase / up;
      const x = Math.PI * cutoff * distance;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * Math.min(Math.abs(distance), halfWidth)) / halfWidth);
      return cutoff * window * (x === 0 ? 1 : Math.sin(x) / x);
    }),
  );
  filterCache.set(key, filters);
  return filters;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

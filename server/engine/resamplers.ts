import { createResampler, type Resampler } from '../../src/audio/resample.ts';

/** Rates whose tables are kept, at most 8 MB each. */
const KEPT_RATES = 8;

/** Gives resamplers to `outputRate`; streams of one rate share its tables, which take long to make. */
export function createResamplers(outputRate: number): (inputRate: number) => Resampler {
  const kept = new Map<number, Resampler>(); // the rate that was used last is the last
  return (inputRate) => {
    const resampler = kept.get(inputRate) ?? createResampler({ inputRate, outputRate });
    kept.delete(inputRate);
    kept.set(inputRate, resampler);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_RATES && oldest !== undefined) kept.delete(oldest);
    return resampler.fork();
  };
}

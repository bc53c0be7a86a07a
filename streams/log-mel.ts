import type { MonoTypeOperatorFunction } from 'rxjs';

import { createLogMel, type LogMelConfig } from '../src/audio/log-mel.ts';
import { transforming } from './operator.ts';

/**
 * Log-mel features as Kaldi defines them: samples in -1..1 at `config.sampleRate`, in chunks of any size, to the rows
 * `[frameCount, bandCount]`, row-major, that each chunk completes; chunks that complete none give nothing. Does not depend
 * on how the samples were cut. Throws `option/out-of-range` or `log-mel/config` on a contradictory `config`.
 */
export function logMel(config: LogMelConfig): MonoTypeOperatorFunction<Float32Array> {
  const tables = createLogMel(config);
  return transforming(() => {
    const stream = tables.fork();
    return (samples) => {
      const rows = stream.push(samples);
      return rows.length === 0 ? [] : [rows];
    };
  });
}

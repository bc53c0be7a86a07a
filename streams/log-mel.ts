import type { MonoTypeOperatorFunction } from 'rxjs';

import { aNumber, anObject, assertFields, type Checks, oneOf } from '../src/arguments.ts';
import { createLogMel, type LogMelConfig } from '../src/audio/log-mel.ts';
import { syncOperator } from './operator.ts';

/** The numbers' ranges depend on each other; `createLogMel` knows them. */
const CHECKS: Checks<LogMelConfig & { readonly normalization?: unknown }> = {
  sampleRate: aNumber,
  frameLength: aNumber,
  hopLength: aNumber,
  fftLength: aNumber,
  bandCount: aNumber,
  lowHz: aNumber,
  highHz: aNumber,
  window: oneOf('povey', 'hann', 'hamming'),
  preemphasis: aNumber,
  removeDcOffset: oneOf(true, false),
  energyFloor: aNumber,
  normalization: anObject, // of `SPEECH_FEATURES`: what is done to the rows later
};

/**
 * Log-mel features as Kaldi defines them: samples in -1..1 at `config.sampleRate`, in chunks of any size, to the rows
 * `[frameCount, bandCount]`, row-major, that each chunk completes; chunks that complete none give nothing. Does not depend
 * on how the samples were cut. Throws `option/...` or `log-mel/config` on a contradictory `config`.
 *
 * @example
 * ```ts
 * import { logMel, PullObservable, SPEECH_FEATURES } from 'hearken/streams';
 * import { lastValueFrom } from 'rxjs';
 *
 * const second = new PullObservable(() => [new Float32Array(SPEECH_FEATURES.sampleRate)]);
 * const rows = await lastValueFrom(second.pipe(logMel(SPEECH_FEATURES)));
 * console.log(rows.length / SPEECH_FEATURES.bandCount, 'rows of', SPEECH_FEATURES.bandCount);
 * // => 98 rows of 40
 * ```
 */
export function logMel(config: LogMelConfig): MonoTypeOperatorFunction<Float32Array> {
  assertFields('logMel', config, CHECKS, ['normalization']);
  const tables = createLogMel(config);
  return syncOperator(() => {
    const stream = tables.fork();
    return (samples) => {
      const rows = stream.push(samples);
      return rows.length === 0 ? [] : [rows];
    };
  });
}

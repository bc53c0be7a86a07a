import type { OperatorFunction } from 'rxjs';

import { assertOptions } from '../src/arguments.ts';
import { type ReadPcmOptions, readPcm } from '../src/audio/read-audio.ts';
import { READ_PCM_CHECKS } from './audio-options.ts';
import { asyncOperator } from './operator.ts';

/**
 * Raw samples without a header, in pieces of any size, to samples of one channel in -1..1 at `sampleRate`. Gives
 * `pcm/...` or `audio/non-finite-sample` to the subscriber. Throws `option/...`.
 */
export function pcm(options: ReadPcmOptions): OperatorFunction<Uint8Array, Float32Array> {
  assertOptions('pcm', options, READ_PCM_CHECKS);
  return asyncOperator((bytes) => readPcm(bytes, options));
}

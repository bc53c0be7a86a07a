import type { OperatorFunction } from 'rxjs';

import { type ReadPcmOptions, readPcm } from '../src/audio/read-audio.ts';
import { pulling } from './operator.ts';

/**
 * Raw samples without a header, in pieces of any size, to samples of one channel in -1..1 at `sampleRate`. Gives
 * `option/out-of-range`, `pcm/...` or `audio/non-finite-sample` to the subscriber.
 */
export function pcm(options: ReadPcmOptions): OperatorFunction<Uint8Array, Float32Array> {
  return pulling((bytes) => readPcm(bytes, options));
}

import type { OperatorFunction } from 'rxjs';

import { assertOptions } from '../src/arguments.ts';
import { type ReadPcmOptions, readPcm } from '../src/audio/read-audio.ts';
import { READ_PCM_CHECKS } from './audio-options.ts';
import { asyncOperator } from './operator.ts';

/**
 * Raw samples without a header, in pieces of any size, to samples of one channel in -1..1 at `sampleRate`. Gives
 * `pcm/...` or `audio/non-finite-sample` to the subscriber. Throws `option/...`.
 *
 * @example
 * ```ts
 * import { pcm, PullObservable } from 'hearken/streams';
 *
 * const bytes = new PullObservable(() => [Uint8Array.of(0, 0x40, 0), Uint8Array.of(0xc0)]); // two samples, cut in the middle
 * const samples = bytes.pipe(pcm({ encoding: 's16le', inputRate: 16_000, sampleRate: 16_000 }));
 * await samples.forEach((chunk) => console.log(...chunk));
 * // => 0.5
 * // => -0.5
 * ```
 */
export function pcm(options: ReadPcmOptions): OperatorFunction<Uint8Array, Float32Array> {
  assertOptions('pcm', options, READ_PCM_CHECKS);
  return asyncOperator((bytes) => readPcm(bytes, options));
}

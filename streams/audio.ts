import type { OperatorFunction } from 'rxjs';

import { assertOptions } from '../src/arguments.ts';
import { type ReadAudioOptions, readAudio } from '../src/audio/read-audio.ts';
import { READ_AUDIO_CHECKS } from './audio-options.ts';
import { asyncOperator } from './operator.ts';

/**
 * The bytes of a recording (WAV, and what the optional peer `audio-decode` reads), in pieces of any size, to samples of one
 * channel in -1..1 at `sampleRate`. Gives `audio/...` and `wav/...` to the subscriber. Throws `option/...`.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { audio, PullObservable } from 'hearken/streams';
 * import { lastValueFrom, reduce } from 'rxjs';
 *
 * const bytes = new PullObservable<Uint8Array>(() => createReadStream('samples/pin.wav')); // of 8 kHz
 * const samples = bytes.pipe(audio({ sampleRate: 16_000 }), reduce((sum, { length }) => sum + length, 0));
 * console.log(`${(await lastValueFrom(samples)) / 16_000} s`);
 * // => 4.14 s
 * ```
 */
export function audio(options: ReadAudioOptions): OperatorFunction<Uint8Array, Float32Array> {
  assertOptions('audio', options, READ_AUDIO_CHECKS);
  return asyncOperator((bytes) => readAudio(bytes, options));
}

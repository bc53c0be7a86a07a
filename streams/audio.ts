import type { OperatorFunction } from 'rxjs';

import { type ReadAudioOptions, readAudio } from '../src/audio/read-audio.ts';
import { pulling } from './operator.ts';

/**
 * The bytes of a recording (WAV, and what the optional peer `audio-decode` reads), in pieces of any size, to samples of one
 * channel in -1..1 at `sampleRate`. Gives `audio/...` and `wav/...` to the subscriber.
 */
export function audio(options: ReadAudioOptions): OperatorFunction<Uint8Array, Float32Array> {
  return pulling((bytes) => readAudio(bytes, options));
}

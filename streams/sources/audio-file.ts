import { type ReadAudioOptions, readAudio } from '../../src/audio/read-audio.ts';
import { Pulled } from '../pulled.ts';

/**
 * A recording, read as fast as it is asked for and anew by each subscription: samples of one channel in -1..1 at
 * `sampleRate`. Gives `audio/...` and `wav/...` to the subscriber.
 */
export function audioFile(path: string, options: ReadAudioOptions): Pulled<Float32Array> {
  return new Pulled(() => readAudio(path, options));
}

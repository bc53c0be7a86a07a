import { assertOptions, filePath } from '../../src/arguments.ts';
import { type ReadAudioOptions, readAudio } from '../../src/audio/read-audio.ts';
import { READ_AUDIO_CHECKS } from '../audio-options.ts';
import { PullObservable } from '../pull-observable.ts';

/**
 * A recording, read as fast as it is asked for and anew by each subscription: samples of one channel in -1..1 at
 * `sampleRate`. `path` may be a `file:` URL. Gives `audio/...` and `wav/...` to the subscriber. Throws `option/...`.
 *
 * @example
 * ```ts
 * import { audioFile } from 'hearken/streams';
 * import { lastValueFrom, reduce } from 'rxjs';
 *
 * const samples = audioFile('samples/two-numbers.wav', { sampleRate: 16_000, channel: 0 });
 * console.log(`${(await lastValueFrom(samples.pipe(reduce((sum, { length }) => sum + length, 0)))) / 16_000} s`);
 * // => 8.6 s
 * ```
 */
export function audioFile(path: string | URL, options: ReadAudioOptions): PullObservable<Float32Array> {
  assertOptions('audioFile', options, READ_AUDIO_CHECKS);
  const file = filePath('path', path);
  return new PullObservable(() => readAudio(file, options));
}

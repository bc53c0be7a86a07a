import { integerIn } from '../arguments.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { AudioExample } from './examples.ts';

/**
 * `example` as the utterance of a stream in which `earlier` was said before it, `pause` samples of silence between: a
 * decoder that was shown first utterances alone loses its place in all others. Throws `option/...` on a `pause` that is none.
 */
export function following(earlier: AudioExample, example: AudioExample, pause: number): AudioExample {
  integerIn(0)('pause', pause);
  const labels = [...(earlier.earlier?.labels ?? []), ...earlier.labels];
  const end = earlier.samples.length + Math.floor(pause / 2);
  const samples = concatenate([earlier.samples, new Float32Array(pause), example.samples]);
  return { ...example, samples, earlier: { labels, end } };
}

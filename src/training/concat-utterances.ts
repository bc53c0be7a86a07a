import { integerIn } from '../arguments.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { AudioExample } from './examples.ts';

/**
 * `example` as the utterance of a stream in which `preceding` was said before it, `pause` samples of silence between: a
 * decoder that was shown first utterances alone loses its place in all others. Throws `option/...` on a `pause` that is none.
 */
export function concatUtterances(preceding: AudioExample, example: AudioExample, pause: number): AudioExample {
  integerIn(0)('pause', pause);
  const labels = [...(preceding.preceding?.labels ?? []), ...preceding.labels];
  const end = preceding.samples.length + Math.floor(pause / 2);
  const samples = concatenate([preceding.samples, new Float32Array(pause), example.samples]);
  const phones = preceding.phones && example.phones && [...preceding.phones, ...example.phones];
  return { ...example, samples, phones, preceding: { labels, end } };
}

import { trimmed, withPeak } from '../../../corpora/clip.ts';
import { chance } from '../../../corpora/draw.ts';
import type { Utterance } from '../../../corpora/utterance-bank.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { labelOf } from '../words.ts';

/** One request to a synthesiser, which may answer with several utterances. */
export type SynthesisTask = { readonly count: number; run(): Promise<Utterance[]> };

/** The number to make of `full` voices, settings or strings: less for a test. */
export type Amount = (full: number) => number;

const HELD_OUT_SHARE = 0.03;
const PEAK = 20_000 / 32_768;

export function singleTask(run: () => Promise<Utterance>): SynthesisTask {
  return { count: 1, run: async () => [await run()] };
}

/** A few utterances of every voice are held out for the set `synthetic`. */
export function drawSplit(random: Random): Utterance['split'] {
  return chance(random, HELD_OUT_SHARE) ? 'dev' : 'train';
}

/** The utterance of `clip` that a bank keeps: no silence around the speech, always the same peak. */
export function utterance(
  about: Pick<Utterance, 'voice' | 'source' | 'split'>,
  words: readonly string[],
  clip: Float32Array,
): Utterance {
  const audible = withPeak(trimmed(clip, 0.012, 0.02), PEAK);
  return { ...about, labels: words.map(labelOf), samples: Int16Array.from(audible, (sample) => sample * 32_767) };
}

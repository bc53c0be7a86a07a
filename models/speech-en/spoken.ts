import { CLIP_RATE, trimmed, withPeak } from '../../corpora/clip.ts';
import type { Sound } from '../../corpora/sound-bank.ts';
import { labelOf } from './words.ts';
import type { Said } from './said.ts';

/** Speech of which phones are known, and labels where it is a code. */
export type Spoken = Sound & {
  /** Utterances of one voice can be joined. */ readonly voice: string;
  readonly language: string;
  /** Whether a person spoke, a voice made from a person's recordings, or a formant synthesiser. */
  readonly source: 'person' | 'recordings' | 'formants';
  /** Voices of `dev` are never trained on. */ readonly split: 'train' | 'dev';
  readonly labels?: readonly string[];
  readonly phones: readonly string[];
};

const PEAK = 20_000 / 32_768;
/** What fits into an example with what goes around it. */
const SECONDS = { shortest: 0.2, longest: 7.2 };
/** Phones a second: fewer or more are speech that is not what its text says. */
const RATE = { least: 4, most: 21 };

/** The labels of a code. */
export function labelsOf(said: Said): { readonly labels?: readonly string[] } {
  return said.kind === 'code' ? { labels: said.words.map(labelOf) } : {};
}

/**
 * What a bank keeps of `clip`: no silence around the speech, always the same peak; nothing where it is too long or its phones are too few or too
 * many for its length. No listener is asked.
 */
export function keptSpeech(about: Omit<Spoken, 'samples'>, clip: Float32Array): Spoken[] {
  const audible = withPeak(trimmed(clip, 0.012, 0.02), PEAK);
  const seconds = audible.length / CLIP_RATE;
  const rate = about.phones.length / seconds;
  const isKept =
    seconds >= SECONDS.shortest &&
    seconds <= SECONDS.longest &&
    about.phones.length > 0 &&
    rate <= RATE.most &&
    (rate >= RATE.least || about.phones.length <= SHORT);
  return isKept ? [{ ...about, samples: Int16Array.from(audible, (sample) => sample * 32_767) }] : [];
}

/** Phones of a letter or a digit, which may be drawn out. */
const SHORT = 4;

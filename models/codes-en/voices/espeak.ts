import { chance, integerBetween, pick } from '../../../corpora/draw.ts';
import { type EspeakVoice, espeakVariants, synthesizeEspeak } from '../../../corpora/synthesis/espeak.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { CODE_WORDS, espeakSpelling } from '../words.ts';

import { drawStrings, punctuate } from './strings.ts';
import { type Amount, drawSplit, type SynthesisTask, singleTask, utterance } from './task.ts';

/** Weighted by repetition; British English is what the American voices of flite and festival lack. */
const AMERICAN_ACCENTS = ['en-us', 'en-us', 'en-us', 'en-us-nyc', 'en-029'];
const BRITISH_ACCENTS = ['en-gb', 'en-gb', 'en-gb', 'en-gb-x-rp', 'en-gb-x-rp', 'en-gb-scotland'];
const NORTHERN_ACCENTS = ['en-gb-x-gbclan', 'en-gb-x-gbcwmd'];
export const ACCENTS: readonly string[] = [...AMERICAN_ACCENTS, ...BRITISH_ACCENTS, ...NORTHERN_ACCENTS];
export const HUMAN_LIKE_VARIANTS: readonly string[] = [
  'm1',
  'm2',
  'm3',
  'm4',
  'm5',
  'm6',
  'm7',
  'm8',
  'f1',
  'f2',
  'f3',
  'f4',
  'f5',
];
export const INHUMAN_VARIANT: RegExp = /^(whisper|croak|demonic|unirobot|alien|robosoft)/i;

/** An accent that is never trained on. */
export const HELD_OUT_ACCENT = 'en-us-nyc';
export const HELD_OUT_VARIANTS: ReadonlySet<string> = new Set(['m6', 'f4', 'linda', 'pablo', 'Hugo']);

const VOICES = 200;
const STRINGS = 3000;

/** All words by 200 formant voices, and strings, each by another one. */
export async function espeakTasks(random: Random, amount: Amount): Promise<SynthesisTask[]> {
  const variants = (await espeakVariants()).filter((variant) => !INHUMAN_VARIANT.test(variant));
  const task = (name: string, words: readonly string[], text: string, voice: EspeakVoice): SynthesisTask => {
    const isHeldOut = voice.accent === HELD_OUT_ACCENT || HELD_OUT_VARIANTS.has(voice.variant);
    const split = isHeldOut ? 'dev' : drawSplit(random);
    return singleTask(async () =>
      utterance({ voice: name, source: 'formants', split }, words, await synthesizeEspeak(text, voice)),
    );
  };
  const isolated = Array.from({ length: amount(VOICES) }, (_, index) => {
    const voice = drawVoice(random, variants);
    return CODE_WORDS.map((word) => task(`espeak ${index}`, [word], espeakSpelling(word), voice));
  });
  const strings = drawStrings(random, amount(STRINGS)).map((words) => {
    const voice = { ...drawVoice(random, variants), wordGap: pick(random, [0, 0, 0, 2, 5, 10]) };
    return task(`espeak ${voice.accent}+${voice.variant}`, words, punctuate(random, words.map(espeakSpelling)), voice);
  });
  return [...isolated.flat(), ...strings];
}

function drawVoice(random: Random, variants: readonly string[]): EspeakVoice {
  return {
    accent: pick(random, ACCENTS),
    variant: pick(random, chance(random, 0.4) ? HUMAN_LIKE_VARIANTS : variants),
    pitch: integerBetween(random, 15, 85),
    wordsPerMinute: integerBetween(random, 90, 240),
  };
}

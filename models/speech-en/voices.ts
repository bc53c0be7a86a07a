/** Requests to the synthesisers of English, whose phones are their own where they tell them. */
import { between, chance, integerBetween, pick } from '../../corpora/draw.ts';
import { phonesOfIpa } from '../../corpora/pronunciations/phone-set.ts';
import { phonesOfCmu } from '../../src/lexicon/english-phones.ts';
import { type EspeakVoice, espeakVariants, pronounceEspeak, speakEspeak } from '../../corpora/synthesis/espeak.ts';
import { type FestivalVoice, requireFestivalVoices, speakFestival } from '../../corpora/synthesis/festival.ts';
import { type FliteVoice, speakFlite } from '../../corpora/synthesis/flite.ts';
import { installPico, type PicoLanguage, synthesizePico } from '../../corpora/synthesis/pico.ts';
import type { Random } from '../../src/tensor/random.ts';
import {
  ACCENTS,
  HELD_OUT_ACCENT,
  HELD_OUT_VARIANTS,
  HUMAN_LIKE_VARIANTS,
  INHUMAN_VARIANT,
} from '../codes-en/voices/espeak.ts';
import { punctuate } from '../codes-en/voices/strings.ts';
import { type EnglishDialect, englishSpelling, espeakSpelling, picoSpelling } from '../codes-en/words.ts';
import { drawSaid, type Said } from './said.ts';
import { keptSpeech, labelsOf, type Spoken } from './spoken.ts';
import type { Texts } from './texts.ts';

/** One request, which is asked for `count` utterances; faulty ones are left out of what it gives. */
export type SpeechTask = { readonly count: number; readonly run: () => Promise<readonly Spoken[]> };

/** Makes the tasks of `count` utterances. */
export type SpeechTasks = (random: Random, texts: Texts, count: number) => Promise<readonly SpeechTask[]>;

const PICO_FOLDER = '.data/pico';
/** Utterances of one setting of a voice, said in one process. */
export const GROUP = 20;
const FLITE_VOICES: readonly FliteVoice['name'][] = ['kal16', 'awb', 'awb', 'rms', 'rms', 'slt', 'slt'];
const KAL_PITCHES_HZ = [85, 95, 105, 115, 130];
const FESTIVAL_VOICES: readonly FestivalVoice[] = ['kal_diphone', 'ked_diphone', 'cmu_us_slt_arctic_hts'];
/** The English-British voice says most: it is the only one of its kind. */
const PICO_LANGUAGES: readonly PicoLanguage[] = ['en-GB', 'en-GB', 'en-US'];
/** What has no r behind a vowel is said otherwise by an American voice that is asked for British spellings: phones are what it says then, too. */
const DIALECTS: readonly EnglishDialect[] = ['american', 'british'];

/** The text that a synthesiser is given, in which a word of a code is spelled as it must be to be said. */
export function spelledOut(random: Random, said: Said, spell: (word: string) => string): string {
  if (said.kind === 'code') return punctuate(random, said.words.map(spell));
  return /[.?!]$/.test(said.text) ? said.text : said.text + pick(random, ['', '.', '.', '?']);
}

/** How espeak-ng is to be asked for the phones of what another voice says. */
export function phoneSpelling(word: string): string {
  return word === 'a' ? 'eigh' : espeakSpelling(word);
}

function drawAll(random: Random, texts: Texts, count: number): Said[] {
  return Array.from({ length: count }, () => drawSaid(random, texts));
}

/** Formant voices, each utterance by another one, with the phonemes that are said. */
export const espeakSpeech: SpeechTasks = async (random, texts, count) => {
  const variants = (await espeakVariants()).filter((variant) => !INHUMAN_VARIANT.test(variant));
  return drawAll(random, texts, count).map((said) => {
    const voice: EspeakVoice = {
      accent: pick(random, ACCENTS),
      variant: pick(random, chance(random, 0.4) ? HUMAN_LIKE_VARIANTS : variants),
      pitch: integerBetween(random, 15, 85),
      wordsPerMinute: integerBetween(random, 100, 235),
      wordGap: pick(random, [0, 0, 0, 2, 5]),
    };
    const isHeldOut = voice.accent === HELD_OUT_ACCENT || HELD_OUT_VARIANTS.has(voice.variant);
    const text = spelledOut(random, said, espeakSpelling);
    return {
      count: 1,
      run: async () => {
        const { clip, ipa } = await speakEspeak(text, voice);
        const about = {
          voice: `espeak ${voice.accent}+${voice.variant}`,
          language: 'en',
          source: 'formants',
          split: isHeldOut ? 'dev' : 'train',
          ...labelsOf(said),
          phones: phonesOfIpa(ipa, voice.accent),
        } as const;
        return keptSpeech(about, clip);
      },
    };
  });
};

export const fliteSpeech: SpeechTasks = async (random, texts, count) =>
  drawAll(random, texts, count).map((said) => {
    const name = pick(random, FLITE_VOICES);
    const durationStretch = between(random, 0.8, 1.5);
    const voice: FliteVoice =
      name === 'kal16' ? { name, durationStretch, pitchHz: pick(random, KAL_PITCHES_HZ) } : { name, durationStretch };
    const dialect = name === 'awb' ? 'scottish' : pick(random, DIALECTS);
    const text = spelledOut(random, said, (word) => englishSpelling(word, dialect));
    return {
      count: 1,
      run: async () => {
        const { clip, phones } = await speakFlite(text, voice);
        return keptSpeech({ ...recorded(`flite ${name}`), ...labelsOf(said), phones: phonesOfCmu(phones) }, clip);
      },
    };
  });

/** What is the same of all utterances of a voice that is trained on. */
export function recorded(voice: string): Pick<Spoken, 'voice' | 'language' | 'source' | 'split'> {
  return { voice, language: 'en', source: 'recordings', split: 'train' };
}

export const festivalSpeech: SpeechTasks = async (random, texts, count) => {
  await requireFestivalVoices(FESTIVAL_VOICES);
  return inGroups(count, (size) => {
    const voice = pick(random, FESTIVAL_VOICES);
    const dialect = pick(random, DIALECTS);
    const durationStretch = between(random, 0.8, 1.4);
    const all = drawAll(random, texts, size);
    const jobs = all.map((said) => ({
      text: spelledOut(random, said, (word) => englishSpelling(word, dialect)),
      durationStretch,
    }));
    return async () => {
      const spoken = await speakFestival(jobs, voice);
      return spoken.flatMap(({ clip, phones }, index) => {
        const about = { ...recorded(`festival ${voice}`), ...labelsOf(all[index]!), phones: phonesOfCmu(phones) };
        return keptSpeech(about, clip);
      });
    };
  });
};

/** Pico does not tell its phones: they are espeak-ng's, of the same dialect. */
export const picoSpeech: SpeechTasks = async (random, texts, count) => {
  await installPico(PICO_FOLDER);
  return inGroups(count, (size) => {
    const language = pick(random, PICO_LANGUAGES);
    const [rate, pitch] = [integerBetween(random, 70, 130), integerBetween(random, 75, 130)];
    const all = drawAll(random, texts, size);
    const jobs = all.map((said) => ({ text: spelledOut(random, said, picoSpelling), rate, pitch }));
    const asked = all.map((said) => spelledOut(random, said, phoneSpelling));
    return async () => {
      const clips = await synthesizePico(jobs, language, PICO_FOLDER);
      const told = await pronounceEspeak(asked, language.toLowerCase());
      return clips.flatMap((clip, index) => {
        const phones = phonesOfIpa(told[index]!, language.toLowerCase());
        return keptSpeech({ ...recorded(`pico ${language}`), ...labelsOf(all[index]!), phones }, clip);
      });
    };
  });
};

/** Tasks of `GROUP` utterances each, the last of what is left. */
export function inGroups(count: number, taskOf: (size: number) => SpeechTask['run']): SpeechTask[] {
  return Array.from({ length: Math.ceil(count / GROUP) }, (_, index) => {
    const size = Math.min(GROUP, count - index * GROUP);
    return { count: size, run: taskOf(size) };
  });
}

import { trimmed, withPeak } from '../../corpora/clip.ts';
import { between, chance, integerBetween, pick, randomFor } from '../../corpora/draw.ts';
import { type EspeakVoice, espeakVariants, synthesiseEspeak } from '../../corpora/synthesis/espeak.ts';
import { type FestivalVoice, synthesiseFestival } from '../../corpora/synthesis/festival.ts';
import { type FliteVoice, synthesiseFlite } from '../../corpora/synthesis/flite.ts';
import { hasUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import type { Random } from '../../src/tensor/random.ts';

import { CODE_WORDS, DIGIT_WORDS, type Dialect, espeakSpelling, fliteSpelling, LETTERS, labelOf } from './words.ts';

export type SynthesisOptions = {
  readonly folder: string;
  readonly seed?: number;
  /** How much of the full amount to make, in (0, 1]; less for tests. */
  readonly share?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Weighted by repetition; British English is what the American voices of flite and festival lack. */
const AMERICAN_ACCENTS = ['en-us', 'en-us', 'en-us', 'en-us-nyc', 'en-029'];
const BRITISH_ACCENTS = ['en-gb', 'en-gb', 'en-gb', 'en-gb-x-rp', 'en-gb-x-rp', 'en-gb-scotland'];
const NORTHERN_ACCENTS = ['en-gb-x-gbclan', 'en-gb-x-gbcwmd'];
const ACCENTS = [...AMERICAN_ACCENTS, ...BRITISH_ACCENTS, ...NORTHERN_ACCENTS];
const HUMAN_LIKE_VARIANTS = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'f1', 'f2', 'f3', 'f4', 'f5'];
const INHUMAN_VARIANT = /^(whisper|croak|demonic|unirobot|alien|robosoft)/i;

/** Voices of the `synthetic` set only, never trained on: an accent and some variants; and 3 % of everything else. */
const HELD_OUT_ACCENT = 'en-us-nyc';
const HELD_OUT_VARIANTS: ReadonlySet<string> = new Set(['m6', 'f4', 'linda', 'pablo', 'Hugo']);
const HELD_OUT_SHARE = 0.03;

const FLITE_VOICES = ['kal16', 'awb', 'rms', 'slt'] as const;
const KAL_PITCHES_HZ = [85, 95, 105, 115, 130];
const FESTIVAL_VOICES: readonly FestivalVoice[] = ['kal_diphone', 'ked_diphone', 'cmu_us_slt_arctic_hts'];

const ESPEAK_VOICES = 180;
const ESPEAK_STRINGS = 3000;
const FLITE_SETTINGS = 8;
const FLITE_STRINGS = 360;
const FESTIVAL_SETTINGS = 6;
const FESTIVAL_STRINGS = 260;

const SYNTHESIS_PEAK = 20_000 / 32_768;

/** One request to a synthesiser; festival answers several at a time. */
type Task = { readonly count: number; run(): Promise<Utterance[]> };

/** Synthesises the training speech into `folder` unless it is there already; deterministic in `seed`. */
export async function synthesiseCodes(options: SynthesisOptions): Promise<void> {
  const { folder, seed = 1, share = 1, onProgress } = options;
  if (await hasUtteranceBank(folder)) {
    return;
  }
  const amount = (full: number): number => Math.max(1, Math.round(full * share));
  const variants = (await espeakVariants()).filter((variant) => !INHUMAN_VARIANT.test(variant));
  const tasks = [
    ...espeakTasks(randomFor(seed, 1), variants, amount),
    ...fliteTasks(randomFor(seed, 2), amount),
    ...festivalTasks(randomFor(seed, 3), amount),
  ];
  const total = tasks.reduce((sum, task) => sum + task.count, 0);
  async function* utterances(): AsyncGenerator<Utterance> {
    let done = 0;
    for (const task of tasks) {
      yield* await task.run();
      done += task.count;
      onProgress?.(done, total);
    }
  }
  await writeUtteranceBank(folder, utterances());
}

function espeakTasks(random: Random, variants: readonly string[], amount: (full: number) => number): Task[] {
  const task = (name: string, words: readonly string[], text: string, voice: EspeakVoice): Task => {
    const isHeldOut = voice.accent === HELD_OUT_ACCENT || HELD_OUT_VARIANTS.has(voice.variant);
    const split = isHeldOut || chance(random, HELD_OUT_SHARE) ? 'dev' : 'train';
    return single(async () =>
      utterance({ voice: name, source: 'formants', split }, words, await synthesiseEspeak(text, voice)),
    );
  };
  const isolated = Array.from({ length: amount(ESPEAK_VOICES) }, (_, index) => {
    const voice = drawEspeakVoice(random, variants);
    return CODE_WORDS.map((word) => task(`espeak ${index}`, [word], espeakSpelling(word), voice));
  });
  const strings = drawStrings(random, amount(ESPEAK_STRINGS)).map((words) => {
    const voice = { ...drawEspeakVoice(random, variants), wordGap: pick(random, [0, 0, 0, 2, 5, 10]) };
    return task(`espeak ${voice.accent}+${voice.variant}`, words, punctuate(random, words.map(espeakSpelling)), voice);
  });
  return [...isolated.flat(), ...strings];
}

function drawEspeakVoice(random: Random, variants: readonly string[]): EspeakVoice {
  return {
    accent: pick(random, ACCENTS),
    variant: pick(random, chance(random, 0.4) ? HUMAN_LIKE_VARIANTS : variants),
    pitch: integerBetween(random, 15, 85),
    wordsPerMinute: integerBetween(random, 100, 240),
  };
}

function fliteTasks(random: Random, amount: (full: number) => number): Task[] {
  const task = (name: string, words: readonly string[], text: string, voice: FliteVoice): Task => {
    const split = drawSplit(random);
    return single(async () =>
      utterance({ voice: name, source: 'recordings', split }, words, await synthesiseFlite(text, voice)),
    );
  };
  const voiceOf = (name: FliteVoice['name'], durationStretch: number): FliteVoice =>
    name === 'kal16' ? { name, durationStretch, pitchHz: pick(random, KAL_PITCHES_HZ) } : { name, durationStretch };
  return FLITE_VOICES.flatMap((name) => {
    const isolated = Array.from({ length: amount(FLITE_SETTINGS) }, (_, index) => {
      const voice = voiceOf(name, 0.8 + (0.7 * index) / FLITE_SETTINGS);
      const dialect = dialectOf(index, name === 'awb');
      const ending = ['', '.', '?', '!'][(index >> 1) % 4];
      return CODE_WORDS.map((word) =>
        task(`flite ${name} ${index}`, [word], fliteSpelling(word, dialect) + ending, voice),
      );
    });
    const strings = drawStrings(random, amount(FLITE_STRINGS)).map((words, index) => {
      const spelled = words.map((word) => fliteSpelling(word, dialectOf(index, name === 'awb')));
      return task(`flite ${name}`, words, punctuate(random, spelled), voiceOf(name, between(random, 0.75, 1.5)));
    });
    return isolated.flat().concat(strings);
  });
}

function festivalTasks(random: Random, amount: (full: number) => number): Task[] {
  return FESTIVAL_VOICES.flatMap((voice) => {
    const task = (name: string, strings: readonly (readonly string[])[], dialect: Dialect, stretch: number): Task => {
      const jobs = strings.map((words) => ({
        text: punctuate(
          random,
          words.map((word) => fliteSpelling(word, dialect)),
        ),
        durationStretch: stretch,
      }));
      const splits = strings.map(() => drawSplit(random));
      return {
        count: jobs.length,
        run: async () => {
          const clips = await synthesiseFestival(jobs, voice);
          return clips.map((clip, index) =>
            utterance(
              { voice: name, source: 'recordings', split: splits[index] as Utterance['split'] },
              strings[index] as readonly string[],
              clip,
            ),
          );
        },
      };
    };
    const isolated = Array.from({ length: amount(FESTIVAL_SETTINGS) }, (_, index) =>
      task(
        `festival ${voice} ${index}`,
        CODE_WORDS.map((word) => [word]),
        dialectOf(index, false),
        0.8 + (0.7 * index) / FESTIVAL_SETTINGS,
      ),
    );
    const strings = drawStrings(random, amount(FESTIVAL_STRINGS));
    const groups = Array.from({ length: Math.ceil(strings.length / 20) }, (_, index) =>
      task(
        `festival ${voice}`,
        strings.slice(20 * index, 20 * index + 20),
        dialectOf(index, false),
        between(random, 0.75, 1.4),
      ),
    );
    return isolated.concat(groups);
  });
}

/** Every other setting of an American voice imitates British English; a Scot says zed but keeps his r. */
function dialectOf(index: number, isScottish: boolean): Dialect {
  return !isScottish && index % 2 === 1 ? 'british' : 'american';
}

/** Digit strings of 2-8 words, and as many letter strings of 2-6 with some digits among them. */
function drawStrings(random: Random, count: number): string[][] {
  return Array.from({ length: count }, (_, index) => {
    const isDigits = index % 2 === 0;
    const letterShare = isDigits ? 0 : pick(random, [0.6, 0.8, 1]);
    return Array.from({ length: integerBetween(random, 2, isDigits ? 8 : 6) }, () =>
      pick(random, chance(random, letterShare) ? LETTERS : DIGIT_WORDS),
    );
  });
}

/** Joins words as a person would write them down: commas everywhere, sometimes or nowhere, then a statement or a question. */
function punctuate(random: Random, words: readonly string[]): string {
  const commaShare = pick(random, [1, 1, 0.3, 0.3, 0, 0]);
  const spoken = words.map((word, index) =>
    index < words.length - 1 && chance(random, commaShare) ? `${word},` : word,
  );
  return spoken.join(' ') + pick(random, ['', '.', '.', '?']);
}

function drawSplit(random: Random): Utterance['split'] {
  return chance(random, HELD_OUT_SHARE) ? 'dev' : 'train';
}

function single(run: () => Promise<Utterance>): Task {
  return { count: 1, run: async () => [await run()] };
}

function utterance(
  about: Pick<Utterance, 'voice' | 'source' | 'split'>,
  words: readonly string[],
  clip: Float32Array,
): Utterance {
  const audible = withPeak(trimmed(clip, 0.012, 0.02), SYNTHESIS_PEAK);
  return { ...about, labels: words.map(labelOf), samples: Int16Array.from(audible, (sample) => sample * 32767) };
}

import { between } from '../../../corpora/draw.ts';
import { installPico, type PicoJob, type PicoLanguage, synthesizePico } from '../../../corpora/synthesis/pico.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { PICO_SPELLINGS } from '../foreign-spelling.ts';
import { CODE_WORDS, picoSpelling } from '../words.ts';

import { drawStrings, punctuate } from './strings.ts';
import { type Amount, drawSplit, type SynthesisTask, utterance } from './task.ts';

const FOLDER = '.data/pico';
const STRINGS_PER_TASK = 20;
const RATES = { slowest: 60, fastest: 130 };
const PITCHES = { lowest: 75, highest: 130 };

type Speaker = {
  readonly language: PicoLanguage;
  /** Undefined for a word that the voice cannot say. */
  readonly spell: (word: string) => string | undefined;
  /** Settings of speed and pitch at which all words are said. */
  readonly settings: number;
  readonly strings: number;
};

/** The English-British voice says most: it is the only one of its kind. */
const SPEAKERS: readonly Speaker[] = [
  { language: 'en-GB', spell: picoSpelling, settings: 24, strings: 500 },
  { language: 'en-US', spell: picoSpelling, settings: 10, strings: 260 },
  ...[...PICO_SPELLINGS].map(([language, spellings]) => ({
    language,
    spell: (word: string) => spellings.get(word),
    settings: 4,
    strings: 80,
  })),
];

/** All words by the two English voices at several speeds and pitches, digits by four foreign ones, and strings. */
export async function picoTasks(random: Random, amount: Amount): Promise<SynthesisTask[]> {
  await installPico(FOLDER);
  return SPEAKERS.flatMap(({ language, spell, ...amounts }) => {
    const words = CODE_WORDS.filter((word) => spell(word) !== undefined);
    const isolated = Array.from({ length: amount(amounts.settings) }, (_, index) => ({
      name: `pico ${language} ${index}`,
      strings: words.map((word) => [word]),
    }));
    const strings = drawStrings(random, amount(amounts.strings))
      .map((string) => string.filter((word) => words.includes(word)))
      .filter((string) => string.length > 0);
    const groups = Array.from({ length: Math.ceil(strings.length / STRINGS_PER_TASK) }, (_, index) => ({
      name: `pico ${language}`,
      strings: strings.slice(STRINGS_PER_TASK * index, STRINGS_PER_TASK * (index + 1)),
    }));
    return [...isolated, ...groups].map((group) => groupTask(random, { language, spell }, group));
  });
}

function groupTask(
  random: Random,
  { language, spell }: Pick<Speaker, 'language' | 'spell'>,
  { name, strings }: { readonly name: string; readonly strings: readonly (readonly string[])[] },
): SynthesisTask {
  const rate = Math.round(between(random, RATES.slowest, RATES.fastest));
  const pitch = Math.round(between(random, PITCHES.lowest, PITCHES.highest));
  const jobs = strings.map((words): PicoJob => {
    const spelled = words.map((word) => spell(word) ?? '');
    return { text: punctuate(random, spelled), rate, pitch };
  });
  const splits = strings.map(() => drawSplit(random));
  return {
    count: jobs.length,
    run: async () => {
      const clips = await synthesizePico(jobs, language, FOLDER);
      return strings.map((words, job) =>
        utterance({ voice: name, source: 'recordings', split: splits[job] ?? 'train' }, words, clips[job]!),
      );
    },
  };
}

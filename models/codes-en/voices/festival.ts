import { between } from '../../../corpora/draw.ts';
import { type FestivalVoice, requireFestivalVoices, synthesizeFestival } from '../../../corpora/synthesis/festival.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { FOREIGN_SPELLINGS } from '../foreign-spelling.ts';
import { CODE_WORDS, englishSpelling } from '../words.ts';

import { drawStrings, punctuate } from './strings.ts';
import { type Amount, drawSplit, type SynthesisTask, utterance } from './task.ts';

const ENGLISH_VOICES: readonly FestivalVoice[] = ['kal_diphone', 'ked_diphone', 'cmu_us_slt_arctic_hts'];
const ENGLISH_AMOUNTS = { settings: 8, strings: 260, slowest: 1.5 };
/** The Italian voices die of a "two" that is slower. */
const FOREIGN_AMOUNTS = { settings: 4, strings: 80, slowest: 1.25 };
const STRINGS_PER_TASK = 20;
const FASTEST = 0.8;

type Speaker = {
  readonly voice: FestivalVoice;
  /** Undefined for a word that the voice cannot say. */
  readonly spell: (word: string, index: number) => string | undefined;
  readonly amounts: typeof ENGLISH_AMOUNTS;
};

/** Every other setting of an American voice imitates British English. */
const SPEAKERS: readonly Speaker[] = [
  ...ENGLISH_VOICES.map((voice) => ({
    voice,
    spell: (word: string, index: number) => englishSpelling(word, index % 2 === 1 ? 'british' : 'american'),
    amounts: ENGLISH_AMOUNTS,
  })),
  ...[...FOREIGN_SPELLINGS].map(([voice, spellings]) => ({
    voice,
    spell: (word: string) => spellings.get(word),
    amounts: FOREIGN_AMOUNTS,
  })),
];

/** All words by eleven voices at several speeds, and strings. Throws `corpora/missing-voice`. */
export async function festivalTasks(random: Random, amount: Amount): Promise<SynthesisTask[]> {
  await requireFestivalVoices(SPEAKERS.map(({ voice }) => voice));
  return SPEAKERS.flatMap((speaker) => {
    const { voice, spell, amounts } = speaker;
    const words = CODE_WORDS.filter((word) => spell(word, 0) !== undefined);
    const settings = amount(amounts.settings);
    const isolated = Array.from({ length: settings }, (_, index) => ({
      name: `festival ${voice} ${index}`,
      strings: words.map((word) => [word]),
      durationStretch: FASTEST + ((amounts.slowest - FASTEST) * index) / settings,
      index,
    }));
    const strings = drawStrings(random, amount(amounts.strings)).map((string) =>
      string.filter((word) => words.includes(word)),
    );
    const groups = Array.from({ length: Math.ceil(strings.length / STRINGS_PER_TASK) }, (_, index) => ({
      name: `festival ${voice}`,
      strings: strings.slice(STRINGS_PER_TASK * index, STRINGS_PER_TASK * (index + 1)),
      durationStretch: between(random, FASTEST, amounts.slowest),
      index,
    }));
    return [...isolated, ...groups].map((group) => groupTask(random, speaker, group));
  });
}

type Group = {
  readonly name: string;
  readonly strings: readonly (readonly string[])[];
  readonly durationStretch: number;
  readonly index: number;
};

function groupTask(random: Random, { voice, spell }: Speaker, group: Group): SynthesisTask {
  const { name, durationStretch, index } = group;
  const strings = group.strings.filter((words) => words.length > 0);
  const jobs = strings.map((words) => {
    const spelled = words.map((word) => spell(word, index) ?? '');
    // The Italian voices die of some questions.
    return { text: punctuate(random, spelled).replace('?', '.'), durationStretch };
  });
  const splits = strings.map(() => drawSplit(random));
  return {
    count: jobs.length,
    run: async () => {
      const clips = await synthesizeFestival(jobs, voice);
      return strings.map((words, job) =>
        utterance({ voice: name, source: 'recordings', split: splits[job] ?? 'train' }, words, clips[job]!),
      );
    },
  };
}

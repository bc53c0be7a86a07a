import { between, chance, pick } from '../../../corpora/draw.ts';
import {
  installNeuralVoices,
  KOKORO_STYLES,
  type NeuralEngine,
  type NeuralJob,
  synthesizeNeural,
} from '../../../corpora/synthesis/neural.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { type Accent, kokoroPhonemesOf, phonemesOf } from '../phonemes.ts';
import { CODE_WORDS } from '../words.ts';

import { drawStrings, punctuate } from './strings.ts';
import { type Amount, drawSplit, type SynthesisTask, utterance } from './task.ts';

const FOLDER = '.data/neural-voices';
const SPEEDS = { slowest: 0.7, fastest: 1.15 };
/** Settings of speed at which joe says all words, half of them in British English. */
const SETTINGS = 16;
const STRINGS = 300;
/** Voices mixed from Kokoro's styles, beside the five themselves; its words by themselves are often broken off. */
const BLENDS = 97;
const STRINGS_PER_VOICE = 16;

type Group = {
  readonly name: string;
  readonly engine: NeuralEngine;
  readonly strings: readonly (readonly string[])[];
  readonly blend?: Readonly<Record<string, number>>;
};

/** All words and strings by joe, strings by Kokoro's voices and mixtures of them; every other one British. */
export async function neuralTasks(random: Random, amount: Amount): Promise<SynthesisTask[]> {
  await installNeuralVoices(FOLDER);
  const isolated = Array.from(
    { length: amount(SETTINGS) },
    (_, index): Group => ({
      name: `joe ${index}`,
      engine: 'joe',
      strings: CODE_WORDS.map((word) => [word]),
    }),
  );
  const strings = drawStrings(random, amount(STRINGS));
  const spoken = Array.from(
    { length: Math.ceil(strings.length / STRINGS_PER_VOICE) },
    (_, index): Group => ({
      name: 'joe',
      engine: 'joe',
      strings: strings.slice(STRINGS_PER_VOICE * index, STRINGS_PER_VOICE * (index + 1)),
    }),
  );
  const mixed = Array.from({ length: amount(KOKORO_STYLES.length + BLENDS) }, (_, index): Group => {
    const style = KOKORO_STYLES[index];
    const blend = style === undefined ? drawBlend(random) : { [style]: 1 };
    return { name: `kokoro ${index}`, engine: 'kokoro', strings: drawStrings(random, STRINGS_PER_VOICE), blend };
  });
  return [...isolated, ...spoken, ...mixed].map((group, index) =>
    groupTask(random, group, index % 2 === 0 ? 'american' : 'british'),
  );
}

/** Mostly a mixture of two or three; sometimes more of one voice than there is, and less than nothing of another. */
export function drawBlend(random: Random): Record<string, number> {
  const weights = KOKORO_STYLES.map(() => (chance(random, 0.55) ? between(random, 0, 1) : 0));
  // The only man among them: without him all mixtures would be women.
  if (chance(random, 0.5)) weights[KOKORO_STYLES.length - 1] = between(random, 0.6, 2);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const mixture = weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length));
  const sharpness = between(random, 0.9, 1.25);
  return Object.fromEntries(
    KOKORO_STYLES.map((style, index) => [
      style,
      sharpness * (mixture[index] ?? 0) + (1 - sharpness) / KOKORO_STYLES.length,
    ]),
  );
}

function groupTask(random: Random, { name, engine, strings, blend }: Group, accent: Accent): SynthesisTask {
  const speed = between(random, SPEEDS.slowest, SPEEDS.fastest);
  const pronounce = engine === 'joe' ? phonemesOf : kokoroPhonemesOf;
  const jobs = strings.map((words): NeuralJob => {
    const phonemes = words.map((word) => pronounce(word, accent));
    const spoken =
      words.length > 1 ? punctuate(random, phonemes) : `${phonemes[0]}${pick(random, ['.', '.', '?', '!'])}`;
    return { phonemes: spoken, speed, ...(blend === undefined ? {} : { blend }) };
  });
  const splits = strings.map(() => drawSplit(random));
  return {
    count: jobs.length,
    run: async () => {
      const clips = await synthesizeNeural(engine, jobs, FOLDER);
      return strings.map((words, job) =>
        utterance({ voice: name, source: 'recordings', split: splits[job] ?? 'train' }, words, clips[job]!),
      );
    },
  };
}

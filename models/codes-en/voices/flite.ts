import { between, pick } from '../../../corpora/draw.ts';
import { type FliteVoice, synthesizeFlite } from '../../../corpora/synthesis/flite.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { CODE_WORDS, type EnglishDialect, englishSpelling } from '../words.ts';

import { drawStrings, punctuate } from './strings.ts';
import { type Amount, drawSplit, type SynthesisTask, singleTask, utterance } from './task.ts';

const VOICES = ['kal16', 'awb', 'rms', 'slt'] as const;
const KAL_PITCHES_HZ = [85, 95, 105, 115, 130];
const SETTINGS = 10;
const STRINGS = 400;
const FASTEST = 0.8;
const SLOWEST = 1.6;

/** All words by four voices at ten speeds, and strings. */
export function fliteTasks(random: Random, amount: Amount): SynthesisTask[] {
  const task = (name: string, words: readonly string[], text: string, voice: FliteVoice): SynthesisTask => {
    const split = drawSplit(random);
    return singleTask(async () =>
      utterance({ voice: name, source: 'recordings', split }, words, await synthesizeFlite(text, voice)),
    );
  };
  return VOICES.flatMap((name) => {
    const isolated = Array.from({ length: amount(SETTINGS) }, (_, index) => {
      const voice = voiceOf(random, name, FASTEST + ((SLOWEST - FASTEST) * index) / SETTINGS);
      const ending = ['', '.', '?', '!'][(index >> 1) % 4];
      return CODE_WORDS.map((word) =>
        task(`flite ${name} ${index}`, [word], englishSpelling(word, dialectOf(name, index)) + ending, voice),
      );
    });
    const strings = drawStrings(random, amount(STRINGS)).map((words, index) => {
      const spelled = words.map((word) => englishSpelling(word, dialectOf(name, index)));
      const voice = voiceOf(random, name, between(random, FASTEST, SLOWEST));
      return task(`flite ${name}`, words, punctuate(random, spelled), voice);
    });
    return isolated.flat().concat(strings);
  });
}

function voiceOf(random: Random, name: FliteVoice['name'], durationStretch: number): FliteVoice {
  return name === 'kal16'
    ? { name, durationStretch, pitchHz: pick(random, KAL_PITCHES_HZ) }
    : { name, durationStretch };
}

/** awb is a Scot; every other setting of the Americans imitates British English. */
function dialectOf(name: FliteVoice['name'], index: number): EnglishDialect {
  if (name === 'awb') {
    return 'scottish';
  }
  return index % 2 === 1 ? 'british' : 'american';
}

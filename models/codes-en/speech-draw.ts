/** What is said in an example of codes-en: which words, by which voice, one by one or as a string. */
import { CLIP_RATE, floatSamples } from '../../corpora/clip.ts';
import { between, chance, integerBetween, pick } from '../../corpora/draw.ts';
import { withSpeed } from '../../corpora/effects.ts';
import type { Utterance } from '../../corpora/utterance-bank.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';

import type { Backgrounds } from './backgrounds.ts';
import { randomTightTrim } from './tight-trim.ts';
import { DIGIT_LABELS, LETTERS } from './words.ts';

export type CodeTask = 'digits' | 'letters';
export type Speech = { readonly task: CodeTask; readonly samples: Float32Array; readonly labels: readonly string[] };

type Source = Utterance['source'];
type Recorder = (clip: Float32Array) => Float32Array;
/** How clips are recorded, and how long an example may be. */
type Recording = { readonly record: Recorder; readonly longestSeconds: number };

const asIs: Recorder = (clip) => clip;
/** Seconds that a recorder may add around a clip. */
const RECORDING_MARGIN_SECONDS = 0.12;

/** Draws what is said: words joined with pauses, or a string spoken as such, of `longestSeconds` at most. */
export function createSpeechDraw(
  utterances: readonly Utterance[],
  backgrounds: Backgrounds,
  longestSeconds: number,
): (random: Random) => Speech {
  const voices: Record<Source, Map<string, Utterance[]>[]> = { recordings: [], formants: [] };
  const voicesByName = new Map<string, Map<string, Utterance[]>>();
  const strings: Record<Source, Record<CodeTask, Utterance[]>> = {
    recordings: { digits: [], letters: [] },
    formants: { digits: [], letters: [] },
  };
  for (const utterance of utterances) {
    const [label] = utterance.labels;
    if (utterance.labels.length > 1 || label === undefined) {
      const isDigits = utterance.labels.every((each) => DIGIT_LABELS.includes(each));
      strings[utterance.source][isDigits ? 'digits' : 'letters'].push(utterance);
      continue;
    }
    let words = voicesByName.get(utterance.voice);
    if (!words) {
      words = new Map();
      voicesByName.set(utterance.voice, words);
      voices[utterance.source].push(words);
    }
    words.set(label, [...(words.get(label) ?? []), utterance]);
  }
  return (random) => {
    const task: CodeTask = chance(random, 0.5) ? 'digits' : 'letters';
    const source: Source = chance(random, 0.65) ? 'recordings' : 'formants';
    // Letters that rhyme differ at their edges alone.
    const cut = task === 'digits' && chance(random, 0.35) ? randomTightTrim(random) : asIs;
    const tape = chance(random, 0.35) ? backgrounds.recorder(random) : asIs;
    const record: Recorder = (clip) => tape(cut(clip));
    return chance(random, 0.6)
      ? { task, ...joinedWords(random, task, pick(random, voices[source]), { record, longestSeconds }) }
      : { task, ...spokenString(random, pick(random, strings[source][task]), { record, longestSeconds }) };
  };
}

function spokenString(
  random: Random,
  utterance: Utterance,
  { record, longestSeconds }: Recording,
): Omit<Speech, 'task'> {
  const fastEnough = utterance.samples.length / CLIP_RATE / (longestSeconds - RECORDING_MARGIN_SECONDS);
  const speed = Math.max(fastEnough, between(random, 0.85, 1.2));
  return { samples: record(withSpeed(floatSamples(utterance.samples, 1), speed)), labels: utterance.labels };
}

/** Words of one voice with pauses between them, as the test's strings are made of isolated words. */
function joinedWords(
  random: Random,
  task: CodeTask,
  words: ReadonlyMap<string, readonly Utterance[]>,
  { record, longestSeconds }: Recording,
): Omit<Speech, 'task'> {
  const known = [...words.keys()];
  const ofTask = known.filter((label) => (task === 'digits' ? DIGIT_LABELS : LETTERS).includes(label));
  const isMixed = task === 'letters' && chance(random, 0.2);
  const choices = isMixed || ofTask.length === 0 ? known : ofTask;
  const isSingle = chance(random, task === 'digits' ? 0.3 : 0.42);
  const wordCount = isSingle ? 1 : integerBetween(random, 2, task === 'digits' ? 8 : 6);
  const speed = between(random, 0.85, 1.2);
  const longestPause = pick(random, [0.05, 0.15, 0.35, 0.6]);
  const labels: string[] = [];
  const parts: Float32Array[] = [];
  let length = 0;
  while (labels.length < wordCount) {
    const label = pick(random, choices);
    const wordSpeed = speed * (chance(random, 0.5) ? between(random, 0.93, 1.07) : 1);
    const word = pick(random, words.get(label)!);
    const samples = record(withSpeed(floatSamples(word.samples, between(random, 0.6, 1.3)), wordSpeed));
    const pause = labels.length === 0 ? 0 : Math.round(between(random, 0, longestPause) * CLIP_RATE);
    length += pause + samples.length;
    if (length > longestSeconds * CLIP_RATE) {
      break;
    }
    parts.push(new Float32Array(pause), samples);
    labels.push(label);
  }
  return { samples: concatenate(parts), labels };
}

/**
 * The needle: a recording in which a marked code is said once, then for a long time other speech, music and noise, and at the end the
 * question. People who say it, talkers of other languages and backgrounds are those that no training heard.
 */
import { join } from 'node:path';

import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { decodeClip } from '../../corpora/decode.ts';
import { between, integerBetween, pick, randomFor } from '../../corpora/draw.ts';
import { type HumanClip, type HumanRole, readHumanClips } from '../../corpora/human-speech.ts';
import { filesUnder, type NoiseBank, readNoiseBank } from '../../corpora/noise.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import { ASK, CODE_LENGTH, DIGITS, KEEP } from './words.ts';

const PACKAGES_FOLDER = '.data/packages';
const NOISE_FOLDER = '.data/noise';
const STAMPS_FOLDER = 'usr/share/tuxpaint/stamps';
/** Narrators in languages that no training heard; by role, so that choices are not made on those of the test. */
const NARRATORS: Readonly<Record<'dev' | 'test', readonly string[]>> = { dev: ['fr', 'ro'], test: ['ru', 'ca', 'es'] };
const NARRATED_CLIPS = 120;
const SEED = 11;
/** Seconds of one vector. */
export const VECTOR_SECONDS = 0.04;

export const CONDITIONS = ['clean', 'music-10', 'babble-10'] as const;
export type NeedleCondition = (typeof CONDITIONS)[number];

export type NeedleBank = {
  readonly clips: readonly HumanClip[];
  readonly narrators: readonly Float32Array[];
  readonly noise: NoiseBank;
};

/** People, narrators and backgrounds of a role. Throws `corpora/missing-packages` and `corpora/missing-noise`. */
export async function needleBank(role: Extract<HumanRole, 'dev' | 'test'>): Promise<NeedleBank> {
  const clips = await readHumanClips(PACKAGES_FOLDER, role);
  const narrators: Float32Array[] = [];
  for (const language of NARRATORS[role]) {
    const files = await filesUnder(join(PACKAGES_FOLDER, STAMPS_FOLDER), `_desc_${language}.ogg`);
    for (const file of files.slice(0, NARRATED_CLIPS)) narrators.push(await decodeClip(file));
  }
  return { clips, narrators, noise: await readNoiseBank(NOISE_FOLDER, 'test') };
}

export type NeedleShape = {
  readonly index: number;
  /** Vectors between the end of the code and the question. */ readonly vectors: number;
  readonly condition: NeedleCondition;
};

/** A recording in which a code is marked, and asked for at its end. */
export type Recording = {
  /** Who says the digits. */ readonly speaker: string;
  readonly code: readonly string[];
  /** Samples at 16 kHz, piece by piece. */ readonly samples: Iterable<Float32Array>;
};

const SILENCE_SECONDS = { shortest: 1.4, longest: 2 };
export const LEAD_SECONDS = 0.5;
const FLOOR = 10 ** (-60 / 20);
const NOISE_DB = 10;
/** Seconds of one stretch between code and question. */
const STRETCH_SECONDS = { shortest: 4, longest: 12 };

/** The recording number `index`; the same for the same shape, and the same code at every distance and in every condition. */
export function needle(bank: NeedleBank, { index, vectors, condition }: NeedleShape): Recording {
  const random = randomFor(SEED, index);
  const { speaker, code, mark, digits, question } = saying(bank, index, random);
  const marked = said([mark, ...digits], random);
  const parts = function* (): Generator<Float32Array> {
    yield concatenate([silence(LEAD_SECONDS), marked, pauseOf(random)]);
    yield* distraction(bank, vectors, randomFor(SEED, index, 1));
    yield concatenate([pauseOf(random), question, pauseOf(random)]);
  };
  const level = rootMeanSquare(marked) * 10 ** (-NOISE_DB / 20);
  return { speaker, code, samples: inNoise(bank, parts(), { condition, level }, randomFor(SEED, index, 2)) };
}

export type Saying = {
  readonly speaker: string;
  readonly code: readonly string[];
  readonly mark: Float32Array;
  readonly digits: readonly Float32Array[];
  readonly question: Float32Array;
};

/** What is said in recording number `index`, which people take in turn: a code, its mark and the question, word by word. */
export function saying(bank: NeedleBank, index: number, random: Random): Saying {
  const clips = bank.clips.filter(({ kind }) => kind === 'digit');
  const speakers = [...new Set(clips.map(({ speaker }) => speaker))];
  const speaker = speakers[index % speakers.length]!;
  const own = new Map(clips.filter((clip) => clip.speaker === speaker).map(({ label, samples }) => [label, samples]));
  const code = Array.from({ length: CODE_LENGTH }, () => pick(random, DIGITS));
  return {
    speaker,
    code,
    mark: markBy(bank, speaker, KEEP, random),
    digits: code.map((label) => own.get(label)!), // everybody says all ten
    question: markBy(bank, speaker, ASK, random),
  };
}

/** Words with short pauses before them. */
export function said(words: readonly Float32Array[], random: Random): Float32Array {
  return concatenate(words.flatMap((word) => [silence(between(random, 0.05, 0.3)), word]));
}

/** A pause that ends an utterance. */
export function pauseOf(random: Random): Float32Array {
  return silence(between(random, SILENCE_SECONDS.shortest, SILENCE_SECONDS.longest));
}

export function silence(seconds: number): Float32Array {
  return new Float32Array(Math.round(seconds * CLIP_RATE));
}

/** A letter by the speaker of the digits where he says letters, else by another one. */
function markBy({ clips }: NeedleBank, speaker: string, label: string, random: Random): Float32Array {
  const everybody = clips.filter((clip) => clip.kind === 'letter' && clip.label === label);
  const own = everybody.filter((clip) => clip.speaker === speaker);
  return pick(random, own.length > 0 ? own : everybody).samples;
}

/** Stretches of narration, digits and letters, music, babble and near silence, `vectors` in all. */
export function* distraction(bank: NeedleBank, vectors: number, random: Random): Generator<Float32Array> {
  let left = Math.round(vectors * VECTOR_SECONDS * CLIP_RATE);
  while (left > 0) {
    const whole = stretch(bank, random);
    const piece = whole.subarray(0, left);
    left -= piece.length;
    yield piece;
  }
}

function stretch({ clips, narrators, noise }: NeedleBank, random: Random): Float32Array {
  const length = Math.round(between(random, STRETCH_SECONDS.shortest, STRETCH_SECONDS.longest) * CLIP_RATE);
  const kind = pick(random, ['narration', 'narration', 'words', 'words', 'music', 'babble', 'silence'] as const);
  if (kind === 'silence') return new Float32Array(length);
  if (kind === 'music' || kind === 'babble') return excerpt(random, pick(random, noise[kind]), length);
  if (kind === 'narration') {
    const parts: Float32Array[] = [];
    for (let size = 0; size < length; size += parts.at(-1)!.length) {
      parts.push(concatenate([pick(random, narrators), silence(between(random, 0.2, 1))]));
    }
    return concatenate(parts).subarray(0, length);
  }
  const speaker = pick(random, clips).speaker;
  const others = clips.filter((clip) => clip.speaker === speaker && clip.label !== KEEP && clip.label !== ASK);
  const words = Array.from({ length: integerBetween(random, 2, 8) }, () => [
    silence(between(random, 0.05, 0.4)),
    pick(random, others).samples,
  ]);
  return concatenate([...words.flat(), silence(between(random, 0.3, 1.5))]);
}

function excerpt(random: Random, recording: Float32Array, length: number): Float32Array {
  const start = random.integer(Math.max(1, recording.length - length));
  return recording.subarray(start, start + length);
}

type Background = { readonly condition: NeedleCondition /** Root mean square. */; readonly level: number };

/** The parts with a floor of noise, and with music or babble over all of them. */
function* inNoise(
  { noise }: NeedleBank,
  parts: Iterable<Float32Array>,
  { condition, level }: Background,
  random: Random,
): Generator<Float32Array> {
  const recording = pick(random, noise[condition === 'music-10' ? 'music' : 'babble']);
  const scale = condition === 'clean' ? 0 : level / (rootMeanSquare(recording) + 1e-9);
  let at = random.integer(recording.length);
  for (const part of parts) {
    yield part.map((sample, n) => onFloor(sample + scale * recording[(at + n) % recording.length]!, random));
    at = (at + part.length) % recording.length;
  }
}

/** A sample above the noise that every recording has. */
export function onFloor(sample: number, random: Random): number {
  return Math.max(-1, Math.min(1, sample + FLOOR * random.normal()));
}

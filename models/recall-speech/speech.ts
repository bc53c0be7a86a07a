/** What is said in the streams of recall-speech: codes that are marked, the question, and all that lies between. */
import { CLIP_RATE, floatSamples, rootMeanSquare } from '../../corpora/clip.ts';
import { between, chance, integerBetween, pick } from '../../corpora/draw.ts';
import { withSpeed } from '../../corpora/effects.ts';
import type { Utterance } from '../../corpora/utterance-bank.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import { recorded } from '../codes-en/augment.ts';
import type { Backgrounds } from '../codes-en/backgrounds.ts';
import { ASK, CODE_LENGTH, DIGITS, KEEP } from './words.ts';

/** `code`: the marked code itself; `question`; `words` that are not to be kept; `background` without known words. */
export const PIECES = ['code', 'question', 'words', 'background'] as const;
export type PieceKind = (typeof PIECES)[number];

/** Words of one voice by label. */
type Voice = ReadonlyMap<string, readonly Utterance[]>;

/** Seconds of a stretch of background. */
const BACKGROUND_SECONDS = { shortest: 3, longest: 12 };
/** The longest speech whose recording has room for a lead and a tail. */
const LONGEST_SECONDS = 7.4;
/** Share of pieces of which every clip has a noise of its own, which ends with it. */
const TAPED_SHARE = 0.35;
/** Share of codes that are said in loud noise, which begins before them, and how far they are above it. */
const NOISY = { share: 0.4, lowestDb: 0, highestDb: 10, seconds: 0.4 };

export type SpeechOptions = {
  readonly utterances: readonly Utterance[];
  readonly backgrounds: Backgrounds;
  /** Speech of other languages, in stretches. */ readonly talkers: readonly Float32Array[];
};

/** Draws a piece of a stream. What is said in a `code` and who says it is drawn by `saying`, all else by `random`: so one code is said twice. */
export type PieceDraw = (kind: PieceKind, random: Random, saying?: Random) => AudioExample;

/** Makes the draw of pieces of what is there. */
export function createSpeech({ utterances, backgrounds, talkers }: SpeechOptions): PieceDraw {
  const voices = voicesOf(utterances);
  const isWhole = (voice: Voice): boolean => [KEEP, ...DIGITS].every((label) => voice.has(label));
  const able = voices.filter(isWhole);
  const asking = voices.filter((voice) => voice.has(ASK));
  const strings = utterances.filter(({ labels }) => labels.length > 1 && !labels.includes(KEEP));
  const codes = strings.filter(
    ({ labels }) => labels.length === CODE_LENGTH && labels.every((label) => DIGITS.includes(label)),
  );
  const draw = (kind: Exclude<PieceKind, 'background'>, take: Take, saying: Random): Said => {
    const { random } = take;
    switch (kind) {
      case 'code': {
        const code = markedCode(take, able, codes, saying);
        return chance(random, NOISY.share) ? cut(inNoise(random, code, backgrounds)) : code;
      }
      case 'question':
        return spoken(take, pick(random, asking), [ASK], 0.1);
      case 'words':
        return chance(random, 0.5)
          ? spokenString(random, pick(random, strings))
          : someWords(take, pick(random, voices));
      default:
        return kind satisfies never;
    }
  };
  return (kind, random, saying = random) => {
    const warp = Math.max(0.85, Math.min(1.18, 1 + 0.07 * random.normal()));
    if (kind === 'background') return { ...background(random, backgrounds, talkers), warp };
    const record = chance(random, TAPED_SHARE) ? backgrounds.recorder(random) : (clip: Float32Array) => clip;
    const said = draw(kind, { random, record }, saying);
    const stream = { ...said, task: 'digits' as const, precedingLength: 0, precedingLabels: [] };
    return { ...recorded(random, stream, backgrounds), warp };
  };
}

/** What is drawn for a piece, and what each of its clips was recorded with. */
type Take = { readonly random: Random; readonly record: (clip: Float32Array) => Float32Array };
type Said = { readonly samples: Float32Array; readonly labels: readonly string[] };

function voicesOf(utterances: readonly Utterance[]): Voice[] {
  const byName = new Map<string, Map<string, Utterance[]>>();
  for (const utterance of utterances) {
    const [label] = utterance.labels;
    if (utterance.labels.length !== 1 || label === undefined) continue;
    const voice = byName.get(utterance.voice) ?? new Map<string, Utterance[]>();
    byName.set(utterance.voice, voice);
    voice.set(label, [...(voice.get(label) ?? []), utterance]);
  }
  return [...byName.values()];
}

/** The mark and four digits by one voice; now and then the mark by another one, or the digits as they were said together. */
function markedCode(take: Take, voices: readonly Voice[], codes: readonly Utterance[], saying: Random): Said {
  const { random } = take;
  const voice = pick(saying, voices);
  const marker = chance(saying, 0.3) ? pick(saying, voices) : voice;
  const whole = chance(saying, 0.3) && codes.length > 0 ? pick(saying, codes) : undefined;
  const labels = Array.from({ length: CODE_LENGTH }, () => pick(saying, DIGITS));
  const mark = spoken(take, marker, [KEEP], 0);
  const longestPause = pick(random, [0.1, 0.35, 0.6]);
  const digits = whole === undefined ? spoken(take, voice, labels, longestPause) : spokenString(random, whole);
  const pause = new Float32Array(Math.round(between(random, 0.03, 0.7) * CLIP_RATE));
  return cut({
    samples: concatenate([mark.samples, pause, digits.samples]),
    labels: [...mark.labels, ...digits.labels],
  });
}

function inNoise(random: Random, { samples, labels }: Said, backgrounds: Backgrounds): Said {
  const margin = new Float32Array(Math.round(NOISY.seconds * CLIP_RATE));
  const noisy = concatenate([margin, samples, margin]);
  const level = rootMeanSquare(samples) * 10 ** (-between(random, NOISY.lowestDb, NOISY.highestDb) / 20);
  backgrounds.add(random, noisy, level);
  return { samples: noisy, labels };
}

function someWords(take: Take, voice: Voice): Said {
  const { random } = take;
  const known = [...voice.keys()].filter((label) => label !== KEEP);
  const labels = Array.from({ length: integerBetween(random, 1, 7) }, () => pick(random, known));
  return cut(spoken(take, voice, labels, pick(random, [0.1, 0.35, 0.6])));
}

/** `labels` by one voice, with pauses of at most `longestPause` seconds. */
function spoken({ random, record }: Take, voice: Voice, labels: readonly string[], longestPause: number): Said {
  const speed = between(random, 0.85, 1.2);
  const parts = labels.flatMap((label, index) => {
    const word = pick(random, voice.get(label)!); // the voice has it
    const gap = index === 0 ? 0 : Math.round(between(random, 0.02, 0.02 + longestPause) * CLIP_RATE);
    return [new Float32Array(gap), record(withSpeed(floatSamples(word.samples, between(random, 0.6, 1.3)), speed))];
  });
  return { samples: concatenate(parts), labels };
}

function spokenString(random: Random, utterance: Utterance): Said {
  const fastEnough = utterance.samples.length / CLIP_RATE / LONGEST_SECONDS;
  const samples = withSpeed(floatSamples(utterance.samples), Math.max(fastEnough, between(random, 0.85, 1.2)));
  return { samples, labels: utterance.labels };
}

/** What is longer than the longest piece said faster. */
function cut({ samples, labels }: Said): Said {
  const speed = samples.length / CLIP_RATE / LONGEST_SECONDS;
  return { samples: speed > 1 ? withSpeed(samples, speed) : samples, labels };
}

/** Music, babble, noise, another language, or nothing. */
function background(random: Random, backgrounds: Backgrounds, talkers: readonly Float32Array[]): Said {
  const seconds = between(random, BACKGROUND_SECONDS.shortest, BACKGROUND_SECONDS.longest);
  const samples = new Float32Array(Math.round(seconds * CLIP_RATE));
  if (talkers.length > 0 && chance(random, 0.5)) {
    const talker = pick(random, talkers);
    const start = random.integer(Math.max(1, talker.length - samples.length));
    const level = between(random, 0.3, 1.5);
    samples.set(talker.subarray(start, start + samples.length).map((sample) => sample * level));
  }
  if (chance(random, 0.6)) backgrounds.add(random, samples, 10 ** (between(random, -45, -15) / 20));
  backgrounds.addFloor(random, samples, 10 ** (between(random, -65, -50) / 20));
  return { samples, labels: [] };
}

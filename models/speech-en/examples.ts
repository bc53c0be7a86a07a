/** Examples of speech-en: synthesised English and, in the middle of training, human speech of other languages, as rooms and lines leave them. */
import { CLIP_RATE, floatSamples } from '../../corpora/clip.ts';
import { between, chance, pick, randomFor } from '../../corpora/draw.ts';
import { withSpeed } from '../../corpora/effects.ts';
import { readNoiseBank } from '../../corpora/noise.ts';
import { readSoundBank } from '../../corpora/sound-bank.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { AudioExample, PhoneExample } from '../../src/training/examples.ts';
import { recorded } from '../codes-en/augment.ts';
import { type Backgrounds, createBackgrounds } from '../codes-en/backgrounds.ts';
import { randomTightTrim } from '../codes-en/tight-trim.ts';
import { DIGIT_LABELS } from '../codes-en/words.ts';
import type { Spoken } from './spoken.ts';

export type SpokenExample = AudioExample | PhoneExample;

export type ExamplesOptions = {
  /** Folders of the banks. */ readonly english: string;
  readonly others: string;
  /** Folder of music and babble. */ readonly noise: string;
  readonly seed: number;
  readonly split: Spoken['split'];
};

/** Other languages come when CTC is past its plateau and go before the end: shares of the run. */
const OTHERS = { from: 0.1, until: 0.85, share: 0.3 };
/** Of English, how often a voice made from recordings is drawn, however many utterances its synthesiser has. */
const RECORDINGS_SHARE = 0.5;
/** Of English, how often a code is drawn, which teaches all heads. */
const CODES_SHARE = 0.5;
/** Two utterances of one voice in a row, with the pause between them in seconds. */
const PAIR = { share: 0.3, shortestPause: 0.7, longestPause: 2.5 };
/** Codes of one voice joined to a longer one: clips that are cut one by one, as forms and tests put them together. */
const JOINED = { share: 0.25, most: 6, pauses: [0.05, 0.15, 0.35, 0.6] };
/** What fits into the longest example whose speaker begins at once. */
const LONGEST_SECONDS = 7.5;

/** The share of a shard that other languages have at `progress`, 0 to 1, of the run. */
export function othersShare(progress: number): number {
  return progress >= OTHERS.from && progress < OTHERS.until ? OTHERS.share : 0;
}

/** Draws examples: `count` of shard `index`, of which `share` are of other languages; the same for the same seed, index, count and share. */
export type DrawShard = (index: number, count: number, share: number) => SpokenExample[];

/** Reads the banks. Throws `corpora/missing-bank` and `corpora/missing-noise`. */
export async function openExamples({ english, others, noise, seed, split }: ExamplesOptions): Promise<DrawShard> {
  const backgrounds = createBackgrounds(await readNoiseBank(noise, 'train'));
  const isHere = (each: Spoken): boolean => each.split === split;
  const spoken = (await readSoundBank<Spoken>(english)).filter(isHere);
  const foreign = [...byVoice((await readSoundBank<Spoken>(others)).filter(isHere)).values()];
  const poolOf = (source: Spoken['source'], isCode: boolean): Spoken[] =>
    spoken.filter((each) => each.source === source && (each.labels !== undefined) === isCode);
  const pools = {
    recordings: { codes: poolOf('recordings', true), texts: poolOf('recordings', false) },
    formants: { codes: poolOf('formants', true), texts: poolOf('formants', false) },
  };
  const voices = byVoice(spoken);
  const codes = new Map(
    [...voices].map(([voice, all]) => [voice, all.filter(({ labels }) => labels !== undefined)] as const),
  );
  const draw = (random: Random, share: number): SpokenExample => {
    if (chance(random, share) && foreign.length > 0) {
      return heard(random, [pick(random, bySize(random, foreign))], [], backgrounds);
    }
    const voice = pools[chance(random, RECORDINGS_SHARE) ? 'recordings' : 'formants'];
    const pool = voice[chance(random, CODES_SHARE) ? 'codes' : 'texts'];
    const one = pick(random, pool.length > 0 ? pool : spoken);
    const isJoined = one.labels !== undefined && chance(random, JOINED.share);
    const rest = isJoined
      ? Array.from({ length: 1 + random.integer(JOINED.most) }, () => pick(random, codes.get(one.voice)!))
      : [];
    const said = fitting([one, ...rest], LONGEST_SECONDS - 0.5);
    const before = chance(random, PAIR.share) ? [pick(random, voices.get(one.voice)!)] : [];
    // The decoder writes the last of both; what stands before it must be known to CTC where it is.
    const isAlike = before.every(({ labels }) => (labels === undefined) === (one.labels === undefined));
    return heard(random, said, isAlike ? before : [], backgrounds);
  };
  return (index, count, share) => Array.from({ length: count }, (_, item) => draw(randomFor(seed, index, item), share));
}

function byVoice(all: readonly Spoken[]): Map<string, Spoken[]> {
  const voices = new Map<string, Spoken[]>();
  for (const each of all) {
    const known = voices.get(each.voice);
    if (known === undefined) voices.set(each.voice, [each]);
    else known.push(each);
  }
  return voices;
}

/** One of `groups`, by the square root of its size: the largest would drown the others. */
function bySize(random: Random, groups: readonly Spoken[][]): Spoken[] {
  const weights = groups.map(({ length }) => Math.sqrt(length));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => (left -= weight) < 0);
  return groups.at(place)!; // rounding may leave none: then it is the last
}

/** The first of `said` that are no longer than `seconds` together, pauses among them; the first always. */
function fitting(said: readonly Spoken[], seconds: number): Spoken[] {
  const longestPause = JOINED.pauses.at(-1)!;
  let length = 0;
  return said.filter(({ samples }, index) => {
    const own = samples.length / CLIP_RATE / SPEEDS.slowest + longestPause;
    if (index > 0 && length + own > seconds) return false;
    length += own;
    return true;
  });
}

const SPEEDS = { slowest: 0.88, fastest: 1.18 };

/** An example in which `said` is said after `before`. */
function heard(
  random: Random,
  said: readonly Spoken[],
  before: readonly Spoken[],
  backgrounds: Backgrounds,
): SpokenExample {
  const isDigits = said.every(({ labels }) => labels?.every((label) => DIGIT_LABELS.includes(label)) ?? false);
  const task = isDigits ? 'digits' : 'letters';
  const cut = isDigits && chance(random, 0.35) ? randomTightTrim(random) : undefined;
  const speed = between(random, SPEEDS.slowest, SPEEDS.fastest);
  const play = ({ samples }: Spoken): Float32Array => {
    const fastEnough = samples.length / CLIP_RATE / LONGEST_SECONDS;
    const played = withSpeed(floatSamples(samples, between(random, 0.6, 1.3)), Math.max(speed, fastEnough));
    return cut === undefined ? played : cut(played);
  };
  const pauses = pick(random, JOINED.pauses);
  const parts = said.flatMap((each, index) => [silence(index === 0 ? 0 : between(random, 0, pauses)), play(each)]);
  const speech = concatenate(parts);
  const pause = between(random, PAIR.shortestPause, PAIR.longestPause);
  const preRoll = Math.round(0.3 * CLIP_RATE);
  const preceding = before.map(play);
  const gap = before.length === 0 ? [] : [...preceding, silence(pause)];
  const precedingLength = before.length === 0 ? 0 : concatenate(gap).length - preRoll;
  const stream = {
    task,
    samples: concatenate([...gap, speech]),
    labels: said.flatMap(({ labels = [] }) => labels),
    precedingLength,
    precedingLabels: before.flatMap(({ labels = [] }) => labels),
  } as const;
  const example = recorded(random, stream, backgrounds);
  const phones = [...before, ...said].flatMap((each) => each.phones);
  const warp = Math.max(0.8, Math.min(1.24, 1 + 0.09 * random.normal()));
  const isSpelled = [...before, ...said].every(({ labels }) => labels !== undefined);
  return isSpelled ? { ...example, phones, warp } : { samples: example.samples, phones, warp };
}

function silence(seconds: number): Float32Array {
  return new Float32Array(Math.round(seconds * CLIP_RATE));
}

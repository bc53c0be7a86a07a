import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { between, chance, randomFor } from '../../corpora/draw.ts';
import { butterworthInPlace, filterInPlace, muLawInPlace, reverberateInPlace } from '../../corpora/effects.ts';
import { readNoiseBank } from '../../corpora/noise.ts';
import { readUtteranceBank, type Utterance } from '../../corpora/utterance-bank.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { AudioExample } from '../../src/training/examples.ts';

import { createBackgrounds, type Backgrounds } from './backgrounds.ts';
import { createSpeechDraw, type Speech } from './speech-draw.ts';

export type AugmenterOptions = {
  /** Folder that `synthesizeCodes` wrote. */
  readonly synthesisDir: string;
  /** Folder in which `npm run data:speech` put music and babble. */
  readonly noiseDir: string;
  readonly seed: number;
  /** Which utterances to draw from; `train` unless told. */
  readonly split?: Utterance['split'];
};

export type Augmenter = {
  example(random: Random): AudioExample;
  /** Examples of shard `index`: the same for the same seed, index and count, whatever was made before. */
  makeShard(index: number, count: number): AudioExample[];
};

/** Lengths of examples, so that a batch wastes little. */
export const BUCKET_SECONDS: readonly number[] = [1.6, 2.4, 3.2, 4.8, 6.4, 8.0, 11.2, 16.0];

/** Longest bucket, in seconds, of examples whose speaker begins at once. */
const LONGEST_PROMPT_BUCKET = 8.0;
/** Streams wait for their first word, and between utterances. */
const WAIT_SECONDS = { share: 0.3, shortest: 0.8, longest: 7.5 };
const LEAD_SECONDS = { shortest: 0.05, longest: 0.8 };
/** An utterance that was said in the stream before, and the pause after it, most of which is silence of its own. */
const PRECEDING = { share: 0.3, shortestPause: 0.7, longestPause: 3 };
/** Seconds from an utterance's beginning to its first sound. */
const PRE_ROLL_SECONDS = { shortest: 0.2, longest: 0.5 };
const TAIL_SECONDS = 0.35;

/**
 * How hard speech is made to recognize. In loud noise and over the telephone nobody tells b from d or f from s: to
 * train on such letters much would teach guessing.
 */
const CONDITIONS = {
  digits: { noisy: 0.65, quietestNoiseDb: 30, loudestNoiseDb: 0, drowned: 0.15, telephone: 0.45 },
  letters: { noisy: 0.4, quietestNoiseDb: 35, loudestNoiseDb: 8, drowned: 0.05, telephone: 0.25 },
};

/** Loads the synthesised speech and the noise into memory (about 1.5 GB for the full amount). */
export async function createAugmenter(options: AugmenterOptions): Promise<Augmenter> {
  const { synthesisDir, noiseDir, seed, split = 'train' } = options;
  const utterances = (await readUtteranceBank(synthesisDir)).filter((utterance) => utterance.split === split);
  const backgrounds = createBackgrounds(await readNoiseBank(noiseDir, 'train'));
  const draw = createSpeechDraw(utterances, backgrounds, LONGEST_PROMPT_BUCKET - TAIL_SECONDS - LEAD_SECONDS.shortest);
  const example = (random: Random): AudioExample => {
    const speech = draw(random);
    const preceding = chance(random, PRECEDING.share) ? draw(random) : undefined;
    return {
      ...recorded(random, inStream(random, speech, preceding), backgrounds),
      warp: Math.max(0.8, Math.min(1.24, 1 + 0.09 * random.normal())),
    };
  };
  return {
    example,
    makeShard: (index, count) => Array.from({ length: count }, (_, item) => example(randomFor(seed, index, item))),
  };
}

/** The speech of one example, and where the utterance begins that the decoder writes. */
export type Stream = Speech & {
  /** Samples of the time before that utterance, within `samples`; 0 where nothing was said before. */
  readonly precedingLength: number;
  readonly precedingLabels: readonly string[];
};

/** `speech` after `preceding` and a pause, if both fit into the longest bucket. */
function inStream(random: Random, speech: Speech, preceding: Speech | undefined): Stream {
  const pause = Math.round(between(random, PRECEDING.shortestPause, PRECEDING.longestPause) * CLIP_RATE);
  const preRoll = Math.round(between(random, PRE_ROLL_SECONDS.shortest, PRE_ROLL_SECONDS.longest) * CLIP_RATE);
  const longest = BUCKET_SECONDS.at(-1)! - TAIL_SECONDS - LEAD_SECONDS.longest;
  const length = (preceding?.samples.length ?? 0) + pause + speech.samples.length;
  if (preceding === undefined || length > longest * CLIP_RATE)
    return { ...speech, precedingLength: 0, precedingLabels: [] };
  return {
    task: speech.task,
    samples: concatenate([preceding.samples, new Float32Array(pause), speech.samples]),
    labels: speech.labels,
    precedingLength: preceding.samples.length + pause - preRoll,
    precedingLabels: preceding.labels,
  };
}

/** `stream` somewhere in a bucket, as a room, a channel and a background leave it. */
export function recorded(random: Random, stream: Stream, backgrounds: Backgrounds): Omit<AudioExample, 'warp'> {
  const { task, samples: speech, labels, precedingLength, precedingLabels } = stream;
  const conditions = CONDITIONS[task];
  const seconds = speech.length / CLIP_RATE;
  const isLong = precedingLength > 0;
  const longestLead = isLong
    ? LEAD_SECONDS.longest
    : Math.min(LEAD_SECONDS.longest, LONGEST_PROMPT_BUCKET - TAIL_SECONDS - seconds);
  const isWaiting = !isLong && chance(random, WAIT_SECONDS.share);
  const wait = isWaiting ? between(random, WAIT_SECONDS.shortest, WAIT_SECONDS.longest) : 0;
  const lead = between(random, LEAD_SECONDS.shortest, longestLead) + wait;
  const bucket = BUCKET_SECONDS.find((length) => length >= lead + seconds + TAIL_SECONDS)!;
  const samples = new Float32Array(Math.round(bucket * CLIP_RATE));
  const start = Math.floor(lead * CLIP_RATE);
  samples.set(speech, start);
  if (chance(random, 0.35)) {
    reverberateInPlace(samples, drawRoomTail(random, backgrounds));
  }
  if (chance(random, 0.4)) {
    filterInPlace(samples, drawChannel(random));
  }
  if (chance(random, conditions.noisy)) {
    const signalToNoise = chance(random, conditions.drowned)
      ? between(random, -3, 8)
      : between(random, conditions.loudestNoiseDb, conditions.quietestNoiseDb);
    const speechLevel = rootMeanSquare(samples.subarray(start + precedingLength, start + speech.length));
    backgrounds.add(random, samples, speechLevel * 10 ** (-signalToNoise / 20));
  }
  const isTelephone = chance(random, conditions.telephone);
  if (isTelephone) {
    limitToTelephone(random, samples);
  } else if (chance(random, 0.2)) {
    // Sampled at 11,025 or 12,000 Hz, as old recordings for computers were.
    butterworthInPlace(samples, 'low', { cutoffHz: between(random, 4500, 5600), order: 8 });
  }
  scaleToPeak(samples, 10 ** between(random, -1.3, -0.05));
  if (isTelephone && chance(random, 0.4)) {
    muLawInPlace(samples);
  }
  backgrounds.addFloor(random, samples, 10 ** (between(random, -65, -50) / 20));
  return isLong
    ? { samples, labels, preceding: { labels: precedingLabels, end: start + precedingLength } }
    : { samples, labels };
}

/** Decaying noise of 0.1-0.5 s: what a room adds to the direct sound. */
function drawRoomTail(random: Random, backgrounds: Backgrounds): Float32Array {
  const tail = backgrounds.white(random, Math.floor(between(random, 0.1, 0.5) * CLIP_RATE));
  const decay = Math.exp(-6.9 / tail.length);
  let level = 1;
  for (let n = 0; n < tail.length; n++) {
    tail[n] = tail[n]! * level;
    level *= decay;
  }
  const scale = between(random, 0.1, 0.6) / (rootMeanSquare(tail) * Math.sqrt(tail.length));
  return tail.map((value) => value * scale);
}

/** A short random filter: the colour of a microphone. */
function drawChannel(random: Random): Float32Array {
  return Float32Array.from({ length: 9 }, (_, tap) =>
    tap === 0 ? 1 : 0.25 * random.normal() * Math.exp((1 - tap) / 2.5),
  );
}

/**
 * A telephone line: nothing above 3.3-3.8 kHz, or sampled at 8 kHz, which leaves all up to 4 kHz and nothing above; sometimes
 * nothing below 150-300 Hz either.
 */
function limitToTelephone(random: Random, samples: Float32Array): void {
  const isSampledAt8kHz = chance(random, 0.5);
  const limit = isSampledAt8kHz
    ? { cutoffHz: between(random, 3650, 3950), order: 24 }
    : { cutoffHz: between(random, 3300, 3800), order: 8 };
  butterworthInPlace(samples, 'low', limit);
  if (chance(random, 0.3)) {
    butterworthInPlace(samples, 'high', { cutoffHz: between(random, 150, 300), order: 4 });
  }
}

function scaleToPeak(samples: Float32Array, peak: number): void {
  let largest = 1e-9;
  for (let n = 0; n < samples.length; n++) {
    largest = Math.max(largest, Math.abs(samples[n]!));
  }
  const scale = peak / largest;
  for (let n = 0; n < samples.length; n++) {
    samples[n] = samples[n]! * scale;
  }
}

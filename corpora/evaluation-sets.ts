import { createResampler, resampleWith } from '../src/audio/resample.ts';
import { HearkenError } from '../src/errors.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import { CLIP_RATE, rootMeanSquare, withPeak } from './clip.ts';
import { between, integerBetween, pick, randomFor } from './draw.ts';
import { withSpeed } from './effects.ts';
import type { HumanClip } from './human-speech.ts';
import type { NoiseBank, NoiseKind } from './noise.ts';
import type { Utterance } from './utterance-bank.ts';

/** Something to recognise, with its truth. */
export type TestItem = {
  readonly kind: 'isolated' | 'connected';
  readonly speaker: string;
  readonly labels: readonly string[];
  /**
   * How a grammar must write the label for the item to be in it: the letter o is no digit, though it sounds like "oh".
   */
  readonly writtenAs?: string;
  /** Samples at 16 kHz, one channel, with a quarter of a second of background before and after the speech. */
  readonly samples: Float32Array;
  /** Number of the sample behind each word's last one; of strings that were made of words. */ readonly ends?: readonly number[];
  /** Samples of silence, or of another utterance and silence, that were put before all this; 0 unless told. */
  readonly waited?: number;
};

export type Condition = {
  readonly noise: 'clean' | 'white' | NoiseKind;
  /** Signal to noise ratio over the speech, dB; means nothing where `noise` is `clean`. */
  readonly snr: number;
};

const SEED = 20_07;
const STRINGS_PER_SPEAKER = 100;
const STRING_DIGITS = { fewest: 4, most: 8 };
const GAP_SECONDS = { shortest: 0.05, longest: 0.3 };
const PADDING = new Float32Array(0.25 * CLIP_RATE);
const PEAK = 0.6;
/** Level of the white noise in every item, dB below full scale: digital silence distorts every recogniser. */
const FLOOR_DB = -55;
const SYNTHETIC_ITEMS_PER_KIND = 400;
/** Silence between two utterances of a stream. */
export const PAUSE_SECONDS = 1.5;

/** Every clip by itself, and 100 strings of 4-8 digits for each speaker of digits, the same in every condition. */
export function humanItems(clips: readonly HumanClip[]): TestItem[] {
  const isolated = clips.map(({ speaker, kind, label, samples }) => ({
    ...testItem('isolated', speaker, [label], [samples]),
    ...(kind === 'letter' && { writtenAs: label }),
  }));
  const digits = clips.filter((clip) => clip.kind === 'digit');
  const speakers = [...new Set(digits.map((clip) => clip.speaker))];
  const connected = speakers.flatMap((speaker, speakerIndex) => {
    const own = digits.filter((clip) => clip.speaker === speaker);
    return Array.from({ length: STRINGS_PER_SPEAKER }, (_, index) => digitString(speaker, own, [speakerIndex, index]));
  });
  return [...isolated, ...connected];
}

/** Held-out synthetic words and strings as they were synthesised, up to 400 of each, evenly drawn. */
export function syntheticItems(utterances: readonly Utterance[]): TestItem[] {
  const heldOut = utterances.filter((utterance) => utterance.split === 'dev');
  const evenly = (all: readonly Utterance[]): Utterance[] => {
    const count = Math.min(all.length, SYNTHETIC_ITEMS_PER_KIND);
    return Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)]!);
  };
  return (['isolated', 'connected'] as const).flatMap((kind) =>
    evenly(heldOut.filter((utterance) => kindOf(utterance) === kind)).map(syntheticItem),
  );
}

/** `utterance` as it was synthesised. */
export function syntheticItem(utterance: Utterance): TestItem {
  const samples = Float32Array.from(utterance.samples, (sample) => sample / 32_768);
  return testItem(kindOf(utterance), utterance.source, utterance.labels, [samples]);
}

function kindOf({ labels }: Utterance): TestItem['kind'] {
  return labels.length > 1 ? 'connected' : 'isolated';
}

/** The items without what a recorder at `rate` Hz would not have kept. Throws `audio/...` where `rate` is no rate. */
export function asIfSampledAt(items: readonly TestItem[], rate: number): TestItem[] {
  const down = createResampler({ inputRate: CLIP_RATE, outputRate: rate });
  const up = createResampler({ inputRate: rate, outputRate: CLIP_RATE });
  return items.map((whole) => ({ ...whole, samples: resampleWith(up, resampleWith(down, whole.samples)) }));
}

/**
 * The items played `speed` times as fast, 0.5..2, which raises voices and shortens throats by as much: speakers unlike
 * the recorded. Throws `evaluation/bad-speed`.
 */
export function asIfPlayedAt(items: readonly TestItem[], speed: number): TestItem[] {
  if (!(speed >= 0.5 && speed <= 2)) {
    throw new HearkenError('evaluation/bad-speed', `Expected \`speed\` to be a number in 0.5..2, got ${speed}`);
  }
  return items.map((whole) => ({
    ...whole,
    ...endsMoved(whole, (end) => Math.round(end / speed)),
    samples: withSpeed(whole.samples, speed),
  }));
}

/** The items after `seconds` in which nothing is said: the noise floor alone once they are in a condition. */
export function afterSilence(items: readonly TestItem[], seconds: number): TestItem[] {
  const silence = new Float32Array(Math.round(seconds * CLIP_RATE));
  return items.map((whole) => ({
    ...whole,
    ...endsMoved(whole, (end) => silence.length + end),
    waited: silence.length,
    samples: concatenate([silence, whole.samples]),
  }));
}

/** The items before `seconds` in which nothing is said. */
export function beforeSilence(items: readonly TestItem[], seconds: number): TestItem[] {
  const silence = new Float32Array(Math.round(seconds * CLIP_RATE));
  return items.map((whole) => ({ ...whole, samples: concatenate([whole.samples, silence]) }));
}

function endsMoved({ ends }: TestItem, move: (end: number) => number): Pick<TestItem, 'ends'> {
  return ends === undefined ? {} : { ends: ends.map(move) };
}

/** The strings, each after another one of its speaker and a pause: the second utterance of a stream. */
export function asSecondUtterances(items: readonly TestItem[]): TestItem[] {
  const strings = items.filter(({ kind }) => kind === 'connected');
  const pause = new Float32Array(PAUSE_SECONDS * CLIP_RATE);
  return strings.map((whole) => {
    const own = strings.filter(({ speaker }) => speaker === whole.speaker);
    const before = own[(own.indexOf(whole) + 1) % own.length] ?? whole;
    const waited = before.samples.length + pause.length + (whole.waited ?? 0);
    const longer = before.samples.length + pause.length;
    const moved = endsMoved(whole, (end) => longer + end);
    return { ...whole, ...moved, waited, samples: concatenate([before.samples, pause, whole.samples]) };
  });
}

/**
 * `items[index]` in `condition`: noise over all of it, then the peak at 0.6, then the noise floor, as 16-bit samples.
 * The same noise for the same condition and index. `bank` is needed for music and babble.
 */
export function inCondition(
  { samples, waited = 0, ...rest }: TestItem,
  index: number,
  condition: Condition,
  bank?: NoiseBank,
): TestItem {
  const random = randomFor(SEED, 2, index);
  const noisy = samples.slice();
  if (condition.noise !== 'clean') {
    const background = drawNoise(condition.noise, noisy.length, randomFor(SEED, 3, index), bank);
    const speechLevel = rootMeanSquare(samples.subarray(waited + PADDING.length, -PADDING.length));
    const scale = (speechLevel * 10 ** (-condition.snr / 20)) / (rootMeanSquare(background) + 1e-9);
    for (let n = 0; n < noisy.length; n++) {
      noisy[n] = noisy[n]! + background[n]! * scale;
    }
  }
  const floor = 10 ** (FLOOR_DB / 20);
  const finished = withPeak(noisy, PEAK).map((sample) => {
    const rounded = Math.round((sample + floor * random.normal()) * 32_768);
    return Math.max(-32_768, Math.min(32_767, rounded)) / 32_768;
  });
  return { ...rest, waited, samples: finished };
}

function digitString(speaker: string, clips: readonly HumanClip[], seed: readonly number[]): TestItem {
  const random = randomFor(SEED, 1, ...seed);
  const labels: string[] = [];
  const parts: Float32Array[] = [];
  const ends: number[] = [];
  let end = PADDING.length;
  const length = integerBetween(random, STRING_DIGITS.fewest, STRING_DIGITS.most);
  for (let index = 0; index < length; index++) {
    const clip = pick(random, clips);
    if (index > 0) {
      const gap = between(random, GAP_SECONDS.shortest, GAP_SECONDS.longest);
      const silence = new Float32Array(Math.round(gap * CLIP_RATE));
      parts.push(silence);
      end += silence.length;
    }
    parts.push(clip.samples);
    labels.push(clip.label);
    end += clip.samples.length;
    ends.push(end);
  }
  return { ...testItem('connected', speaker, labels, parts), ends };
}

/** Something to recognise of `parts` that follow each other, with a quarter of a second of silence around them. */
export function testItem(
  kind: TestItem['kind'],
  speaker: string,
  labels: readonly string[],
  parts: readonly Float32Array[],
): TestItem {
  return { kind, speaker, labels, samples: concatenate([PADDING, ...parts, PADDING]) };
}

function drawNoise(
  noise: 'white' | NoiseKind,
  length: number,
  random: ReturnType<typeof randomFor>,
  bank: NoiseBank | undefined,
): Float32Array {
  if (noise === 'white') {
    return Float32Array.from({ length }, () => random.normal());
  }
  if (!bank) {
    throw new TypeError(`Expected a noise bank for the condition ${noise}`);
  }
  const recording = pick(random, bank[noise]);
  const start = random.integer(recording.length - length);
  return recording.slice(start, start + length);
}

/**
 * The longer it listens: ten utterances of one voice in one room and one noise, and the tenth alone, to the sample as it is there: what the nine
 * before it give is the difference.
 */
import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { between, integerBetween, pick, randomFor } from '../../corpora/draw.ts';
import { reverberateInPlace } from '../../corpora/effects.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import { LEAD_SECONDS, type NeedleBank, onFloor, pauseOf, said, silence } from './needle.ts';
import { ASK, KEEP } from './words.ts';

const SEED = 13;
const UTTERANCES = 10;
/** How far speech is above the noise of its room. */
const NOISE_DB = { lowest: 0, highest: 10 };
const WORDS = { fewest: 3, most: 5 };

export type TenthRecording = {
  readonly speaker: string;
  /** What the tenth utterance says. */ readonly labels: readonly string[];
  readonly samples: Float32Array;
  /** Seconds before the tenth utterance. */ readonly start: number;
};

/** The recording number `index`, of all ten utterances or of the last alone. */
export function tenth(
  bank: NeedleBank,
  { index, isAlone }: { readonly index: number; readonly isAlone: boolean },
): TenthRecording {
  const random = randomFor(SEED, index);
  const speakers = [...new Set(bank.clips.map(({ speaker }) => speaker))];
  const speaker = speakers[index % speakers.length]!;
  const clips = bank.clips.filter(({ speaker: other, label }) => other === speaker && label !== KEEP && label !== ASK);
  const parts: Float32Array[] = [silence(LEAD_SECONDS)];
  let [labels, start]: [string[], number] = [[], 0];
  for (let utterance = 0; utterance < UTTERANCES; utterance++) {
    const words = Array.from({ length: integerBetween(random, WORDS.fewest, WORDS.most) }, () => pick(random, clips));
    labels = words.map(({ label }) => label);
    start = parts.reduce((sum, { length }) => sum + length, 0);
    parts.push(
      said(
        words.map(({ samples }) => samples),
        random,
      ),
      pauseOf(random),
    );
  }
  const speech = concatenate(parts);
  reverberateInPlace(speech, roomTail(random));
  const noisy = inNoise(bank, speech, random).map((sample) => onFloor(sample, random));
  const first = isAlone ? start - Math.round(LEAD_SECONDS * CLIP_RATE) : 0;
  return { speaker, labels, samples: noisy.subarray(first), start: (start - first) / CLIP_RATE };
}

/** Decaying noise of 0.1 to 0.5 s: what a room adds to the direct sound. */
function roomTail(random: Random): Float32Array {
  const length = Math.floor(between(random, 0.1, 0.5) * CLIP_RATE);
  const tail = Float32Array.from({ length }, (_, n) => random.normal() * Math.exp((-6.9 * n) / length));
  const scale = between(random, 0.1, 0.6) / (rootMeanSquare(tail) * Math.sqrt(length));
  return tail.map((value) => value * scale);
}

/** `speech` in white noise, music or babble. */
function inNoise({ noise }: NeedleBank, speech: Float32Array, random: Random): Float32Array {
  const kind = pick(random, ['white', 'music', 'babble'] as const);
  const loud = speech.filter((sample) => sample !== 0);
  const level = rootMeanSquare(loud) * 10 ** (-between(random, NOISE_DB.lowest, NOISE_DB.highest) / 20);
  if (kind === 'white') return speech.map((sample) => sample + level * random.normal());
  const recording = pick(random, noise[kind]);
  const start = random.integer(recording.length);
  const scale = level / (rootMeanSquare(recording) + 1e-9);
  return speech.map((sample, n) => sample + scale * recording[(start + n) % recording.length]!);
}

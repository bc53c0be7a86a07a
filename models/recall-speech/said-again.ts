/**
 * Said again: a marked code is said twice, far apart, each time in noise of its own, and then asked for. Beside it the second time alone, in the same
 * noise: what the first time gives is what the memory gives.
 */
import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { between, pick, randomFor } from '../../corpora/draw.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import {
  distraction,
  LEAD_SECONDS,
  type NeedleBank,
  onFloor,
  pauseOf,
  type Recording,
  said,
  saying,
  silence,
} from './needle.ts';

const SEED = 12;
/** How far speech is above its noise, drawn anew for each time. */
const NOISE_DB = { lowest: 0, highest: 10 };

export type SaidAgainShape = {
  readonly index: number;
  /** Vectors between the first time and the second; `undefined` where it is said the second time alone. */ readonly vectors:
    | number
    | undefined;
};

/** The recording number `index`; the second time is the same whatever came before. */
export function saidAgain(bank: NeedleBank, { index, vectors }: SaidAgainShape): Recording {
  const random = randomFor(SEED, index);
  const { speaker, code, mark, digits, question } = saying(bank, index, random);
  const [first, second] = [1, 2].map((time) => noisy(bank, [mark, ...digits], randomFor(SEED, index, time)));
  const parts = function* (): Generator<Float32Array> {
    yield silence(LEAD_SECONDS);
    if (vectors !== undefined) {
      yield concatenate([first!, pauseOf(random)]);
      yield* distraction(bank, vectors, randomFor(SEED, index, 3));
      yield pauseOf(random);
    }
    yield second!;
    yield concatenate([pauseOf(randomFor(SEED, index, 4)), question, silence(LEAD_SECONDS)]);
  };
  return { speaker, code, samples: onFloors(parts(), randomFor(SEED, index, 5)) };
}

/** The words in white noise, music or babble. */
function noisy({ noise }: NeedleBank, words: readonly Float32Array[], random: Random): Float32Array {
  const speech = concatenate([silence(LEAD_SECONDS), said(words, random), silence(LEAD_SECONDS)]);
  const kind = pick(random, ['white', 'music', 'babble'] as const);
  const level = rootMeanSquare(speech) * 10 ** (-between(random, NOISE_DB.lowest, NOISE_DB.highest) / 20);
  if (kind === 'white') return speech.map((sample) => sample + level * random.normal());
  const recording = pick(random, noise[kind]);
  const start = random.integer(recording.length - speech.length - CLIP_RATE);
  const scale = level / (rootMeanSquare(recording) + 1e-9);
  return speech.map((sample, n) => sample + scale * recording[start + n]!);
}

function* onFloors(parts: Iterable<Float32Array>, random: Random): Generator<Float32Array> {
  for (const part of parts) yield part.map((sample) => onFloor(sample, random));
}

/**
 * Copying backwards: a memory of N / 2 characters and as many questions, of which each is a place; asked is the character at the mirror of it. After Feng et al.,
 * 2023, "Tree Cross Attention", section 4.1, https://arxiv.org/abs/2309.17388: the memory is a mark of the beginning and N / 2 - 1 characters drawn from 256, and the answers are
 * these from the last to the first, then the end.
 *
 * A time is numbers: the bits of its character, a mark of the beginning, a mark of a question, and sines and cosines of its distance from the middle of
 * the sequence, which a question shares with the place that it asks for. So keys change slowly, which descent is for.
 */
import { randomFor } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';

const BITS = 8;
const CHARACTERS: number = 2 ** BITS;
/** Characters, and the end. */
export const LABELS: number = CHARACTERS + 1;
/** Waves of 4, 8, ..., 2,048 places. */
const WAVES = 10;
/** Numbers of a time. */
export const WIDTH: number = BITS + 2 + 2 * WAVES;

/** N of the published figure. */
export const LENGTH = 1_024;

/** One sequence of `length` times, an even number. */
export function copyExample(length: number, random: Random): SequenceExample {
  const half = length / 2;
  const characters = Array.from({ length: half - 1 }, () => random.integer(CHARACTERS));
  const input = Array.from({ length }, (_, time) => {
    const character = time > 0 && time < half ? characters[time - 1]! : undefined; // one for each of these times
    const bits = Array.from({ length: BITS }, (__, bit) =>
      character === undefined ? 0 : (character >> bit) % 2 === 1 ? 1 : -1,
    );
    return [...bits, time === 0 ? 1 : 0, time >= half ? 1 : 0, ...placeOf(Math.abs(time - (length - 1) / 2))];
  }).flat();
  const silent = new Array<number>(half).fill(-1);
  return { input, labels: [...silent, ...characters.toReversed(), CHARACTERS] };
}

function placeOf(place: number): number[] {
  return Array.from({ length: WAVES }, (_, wave) => {
    const angle = (2 * Math.PI * place) / (4 * 2 ** wave);
    return [Math.sin(angle), Math.cos(angle)];
  }).flat();
}

/** Sets of sequences that share none. */
const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/** Lengths of training: the shortest first, then one more after the other. */
const LENGTHS = [16, 64, 256, LENGTH];
/** Share of the training over which they open. */
const CURRICULUM = 0.5;

type Drawn = {
  readonly shard: number;
  readonly count: number;
  readonly size: number;
  /** 0 to 1 */ readonly progress: number;
  readonly seed: number;
};

/** `count` batches of `size` sequences, each batch of one length: half of them of the longest that is open. */
export function trainingExamples({ shard, count, size, progress, seed }: Drawn): SequenceExample[] {
  const random = randomFor(seed, TRAINING, shard);
  const open = Math.min(LENGTHS.length, 1 + Math.floor((LENGTHS.length * progress) / CURRICULUM));
  return Array.from({ length: count }, () => {
    const length = LENGTHS[random.uniform() < 0.5 ? open - 1 : random.integer(open)]!; // it is open
    return Array.from({ length: size }, () => copyExample(length, random));
  }).flat();
}

/** Held-out sequences for choices in training. */
export function validationExamples(): SequenceExample[] {
  return Array.from({ length: 4 }, (_, index) => copyExample(LENGTH, randomFor(VALIDATION, index)));
}

/** Sequence `index` of `length` that no choice was made on. */
export function testExample(length: number, index: number): SequenceExample {
  return copyExample(length, randomFor(TEST, length, index));
}

/** Training sequences of recall-speech: a marked code somewhere in a stream, before and behind it what is not to be kept. */
import { chance, pick, randomFor } from '../../corpora/draw.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import type { Piece, Pool } from './vectors.ts';
import { CODE_LENGTH, KEEP } from './words.ts';

const DEPTH = CODES_CONFIG.encoder.units;
const { labels: LABELS } = CODES_CONFIG.vocabulary;

/** Vectors of a sequence at each stage of training; those of all stages so far are drawn. */
const STAGES: readonly number[] = [120, 300, 800];
/** Share of training over which the stages open. */
const OPENING = 0.4;
const QUESTION_SHARE = 0.3;
/** Share of pieces beside the code that are words. */
const WORDS_SHARE = 0.6;

/** A sequence of about `length` vectors; its decoder writes the code, its CTC all words. */
export function recallExample(pool: Pool, length: number, random: Random): SequenceExample {
  const code = pick(random, pool.code);
  const others: Piece[] = [];
  const size = (pieces: readonly Piece[]): number =>
    pieces.reduce((sum, { vectors }) => sum + vectors.length / DEPTH, 0);
  while (size(others) + code.vectors.length / DEPTH < length) {
    others.push(pick(random, chance(random, WORDS_SHARE) ? pool.words : pool.background));
  }
  const before = random.integer(others.length + 1);
  const question = chance(random, QUESTION_SHARE) ? [pick(random, pool.question)] : [];
  const pieces = [...others.slice(0, before), code, ...others.slice(before), ...question];
  return {
    input: Array.from(concatenate(pieces.map(({ vectors }) => vectors))),
    output: code.labels.slice(code.labels.indexOf(KEEP) + 1, CODE_LENGTH + 1).map(idOf),
    spelled: pieces.flatMap(({ labels }) => labels.map(idOf)),
  };
}

function idOf(label: string): number {
  return LABELS.indexOf(label);
}

/** `count` batches of `size`, each of one length, at `progress` (0 to 1) of the training. */
export function trainingExamples(
  pool: Pool,
  { shard, count, size, progress, seed }: Record<'shard' | 'count' | 'size' | 'progress' | 'seed', number>,
): SequenceExample[] {
  const random = randomFor(seed, 0, shard);
  return Array.from({ length: count }, () => {
    const open = Math.min(STAGES.length, 1 + Math.floor((STAGES.length * progress) / OPENING));
    const length = STAGES[random.integer(open)]!;
    return Array.from({ length: size }, () => recallExample(pool, length, random));
  }).flat();
}

/** Held-out sequences for choices in training. */
export function validationExamples(pool: Pool): SequenceExample[] {
  return [300, 2_000].flatMap((length) => {
    const random = randomFor(1, 1, length);
    return Array.from({ length: 32 }, () => recallExample(pool, length, random));
  });
}

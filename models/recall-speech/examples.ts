/** Training sequences of recall-speech: a marked code somewhere in a stream, once, twice or never, among what is not to be kept. */
import { chance, pick, randomFor, shuffled } from '../../corpora/draw.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import type { Piece, Pool } from './vectors.ts';
import { KEEP } from './words.ts';

const DEPTH = CODES_CONFIG.encoder.units;
const { labels: LABELS } = CODES_CONFIG.vocabulary;

/** Vectors of a sequence at each stage of training; those of all stages so far are drawn. */
const STAGES: readonly number[] = [120, 300, 800];
/** Share of training over which the stages open. */
const OPENING = 0.25;
/** Vectors of the sequences of one batch of each shard once all stages are open, and how many of them there are. */
const LONG = { length: 2_400, size: 5 };
const QUESTION_SHARE = 0.3;
const NEVER_SHARE = 0.08;
const TWICE_SHARE = 0.35;
/** Share of pieces beside the code that are words. */
const WORDS_SHARE = 0.6;

/** How often a code is said: mostly once, or twice by the same voice; or never, and then there is nothing to write. */
function codesOf({ code: codes }: Pool, random: Random): Piece[] {
  const draw = random.uniform();
  const first = random.integer(codes.length);
  if (draw < NEVER_SHARE) return [];
  return draw < NEVER_SHARE + TWICE_SHARE ? [codes[first]!, codes[first ^ 1]!] : [codes[first]!]; // there are pairs of them
}

/** A sequence of about `length` vectors; its decoder writes the marked code, its CTC all words. */
export function recallExample(pool: Pool, length: number, random: Random): SequenceExample {
  const codes = codesOf(pool, random);
  const others: Piece[] = [];
  const size = (): number => [...codes, ...others].reduce((sum, { vectors }) => sum + vectors.length / DEPTH, 0);
  while (size() < length) others.push(pick(random, chance(random, WORDS_SHARE) ? pool.words : pool.background));
  const pieces = shuffled(random, [...codes, ...others]);
  if (chance(random, QUESTION_SHARE)) pieces.push(pick(random, pool.question));
  const [marked] = codes;
  return {
    input: Array.from(concatenate(pieces.map(({ vectors }) => vectors))),
    output: marked === undefined ? [] : marked.labels.slice(marked.labels.indexOf(KEEP) + 1).map(idOf),
    spelled: pieces.flatMap(({ labels }) => labels.map(idOf)),
  };
}

function idOf(label: string): number {
  return LABELS.indexOf(label);
}

/** `count` batches of `size`, of the longest fewer, each of one length, at `progress` (0 to 1) of the training. */
export function trainingExamples(
  pool: Pool,
  { shard, count, size, progress, seed }: Record<'shard' | 'count' | 'size' | 'progress' | 'seed', number>,
): SequenceExample[] {
  const random = randomFor(seed, 0, shard);
  const open = Math.min(STAGES.length, 1 + Math.floor((STAGES.length * progress) / OPENING));
  return Array.from({ length: count }, (_, batch) => {
    const isLong = batch === 0 && progress > OPENING;
    const shape = isLong ? LONG : { length: STAGES[random.integer(open)]!, size };
    return Array.from({ length: shape.size }, () => recallExample(pool, shape.length, random));
  }).flat();
}

/** Held-out sequences for choices in training. */
export function validationExamples(pool: Pool): SequenceExample[] {
  return [300, 2_000].flatMap((length) => {
    const random = randomFor(1, 1, length);
    return Array.from({ length: 32 }, () => recallExample(pool, length, random));
  });
}

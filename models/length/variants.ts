/**
 * The founding claim of attention, as one recipe with one parameter: a sequence-to-sequence model that reads lists of numbers aloud ("42 7
 * 19" gives "forty two seven nineteen"), which remembers its input as one vector, as all of its vectors, or as a hierarchical
 * memory. Everything else is the same: encoder, sizes, examples, updates, seed. See README.md beside this.
 */
import { randomFor } from '../../corpora/draw.ts';
import type { SequencePair } from '../../corpora/sequence-accuracy.ts';
import { englishCardinal } from '../../corpora/spelled-out/english.ts';
import type { MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { DecoderHead } from '../../src/model/heads.ts';
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { DRAWN_WITHOUT_END, encoderDecoder, UNITS } from '../encoder-decoder.ts';

/** What is compared, by the name of its folder. */
export const VARIANTS = ['fixed-vector', 'bahdanau', 'luong', 'hierarchical'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Numbers in the longest list that training sees. */
export const LONGEST_TRAINED = 8;

/** Lengths that are measured, in numbers of the list: trained ones, then longer ones. */
export const LENGTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16];

const SEED = 1;
const EMBEDDING = 32;
const SHARD_SIZE = 640;
const VALIDATION_SIZE = 256;

type Choice = {
  readonly memory: MemoryKindConfig;
  readonly order: DecoderHead['order'];
  readonly score: 'additive' | 'general';
};

const CHOICES: Readonly<Record<Variant, Choice>> = {
  'fixed-vector': { memory: { kind: 'last' }, order: 'luong', score: 'general' },
  bahdanau: { memory: { kind: 'full' }, order: 'bahdanau', score: 'additive' },
  luong: { memory: { kind: 'full' }, order: 'luong', score: 'general' },
  hierarchical: {
    memory: {
      kind: 'hierarchical',
      depth: UNITS,
      heads: 4,
      window: 4,
      leafFanIn: 4,
      fanIn: 4,
      slots: 4,
      tokenCountBias: false,
      summary: 'attention',
    },
    order: 'luong',
    score: 'general',
  },
};

/** A list of `length` numbers below a hundred as it is written and as it is read aloud, without hyphens. Sets never share a seed. */
function listOf(length: number, set: number, index: number): SequencePair {
  const random = randomFor(SEED, set, length, index);
  const numbers = Array.from({ length }, () => random.integer(100));
  return { input: numbers.join(' '), output: numbers.map((n) => englishCardinal(n).replace('-', ' ')).join(' ') };
}

const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/** `count` lists of `length` numbers that no choice was made on. */
export function testLists(length: number, count: number): SequencePair[] {
  return Array.from({ length: count }, (_, index) => listOf(length, TEST, index));
}

/** `count` lists of 1 to `LONGEST_TRAINED` numbers, the `part`-th so many. */
function mixedLists(set: number, part: number, count: number): SequencePair[] {
  const random = randomFor(SEED, set, part);
  return Array.from({ length: count }, (_, index) =>
    listOf(1 + random.integer(LONGEST_TRAINED), set, part * count + index),
  );
}

function configOf(variant: Variant): ModelConfig {
  const { memory, order, score } = CHOICES[variant];
  const words = Array.from({ length: 100 }, (_, n) => englishCardinal(n)).filter((word) => !word.includes('-'));
  return encoderDecoder({
    name: `length-${variant}`,
    language: 'en',
    from: { unit: 'character', symbols: Array.from('0123456789 ') },
    to: { unit: 'word', symbols: words },
    embedding: EMBEDDING,
    memory,
    decoder: { order, attention: { kind: 'global', score }, inputFeeding: order === 'luong' },
  });
}

/** The recipe of `variant`. */
export function lengthRecipe(variant: Variant): SequenceRecipe {
  return defineRecipe({
    config: configOf(variant),
    training: {
      ...DRAWN_WITHOUT_END,
      seed: SEED,
      steps: 2_500,
      validateEvery: 250,
      batchSize: 64,
      optimizer: { clipNorm: 1, averageDecay: 0.98 },
    },
    examples: () => ({
      shard: (index) => mixedLists(TRAINING, index, SHARD_SIZE),
      validation: () => mixedLists(VALIDATION, 0, VALIDATION_SIZE),
    }),
  });
}

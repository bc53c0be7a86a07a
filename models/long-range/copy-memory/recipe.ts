/**
 * `hearken train models/long-range/copy-memory/recipe.ts`: copy memory with a delay of 1,000 and at most 16,000 parameters. See ../README.md. The
 * encoder sees 16 inputs, so a symbol's vector knows its number, and a marker's how many went before; the associative channel keeps a symbol by it.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { type Curriculum, shardOf, VALIDATION } from '../curriculum.ts';
import { ALPHABET, copyMemory, COPIED_SYMBOLS } from './examples.ts';

const SEED = 1;
const DEPTH = 20;
const CURRICULUM: Curriculum = { seed: SEED, lengths: [10, 40, 150, 1_000], shards: 200, batches: 8, batchSize: 16 };
/** Longer ones are asked at their ends alone: a place among blanks is like any other, and short ones have them. */
const ASKED_THROUGHOUT = 150;
const ASKED_AT_END: number = 3 * COPIED_SYMBOLS;

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'copy-memory',
    source: { kind: 'tokens', symbols: { unit: 'id', count: ALPHABET }, embedding: 8 },
    encoder: { kind: 'dilated', units: DEPTH, kernel: 2, dilations: [1, 2, 4, 8] },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 2,
      window: 16,
      leafFanIn: 16,
      fanIn: 4,
      slots: 1,
      tokenCountBias: false,
      summary: 'mean',
      associative: { keyDepth: 8 },
    },
    heads: { answers: { labelCount: ALPHABET } },
  },
  training: {
    seed: SEED,
    steps: 4_000,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 250,
    chooseBy: 'loss',
    batchSize: CURRICULUM.batchSize,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.98 },
  },
  examples: () => ({
    shard: (index) =>
      shardOf(CURRICULUM, index, (delay, random) => {
        const { input, labels } = copyMemory(delay, random);
        if (delay <= ASKED_THROUGHOUT) return { input, labels };
        return { input, labels: labels.map((label, place) => (place < labels.length - ASKED_AT_END ? -1 : label)) };
      }),
    validation: () => Array.from({ length: 16 }, (_, index) => copyMemory(1_000, randomFor(SEED, VALIDATION, index))),
  }),
});

export default recipe;

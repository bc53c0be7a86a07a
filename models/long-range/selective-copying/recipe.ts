/**
 * `hearken train models/long-range/selective-copying/recipe.ts`: selective copying of 16 tokens among up to 4,096 places. See ../README.md. The
 * recurrent encoder counts what is to be copied, and then the markers; the associative channel keeps a token by its number.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { type Curriculum, shardOf, VALIDATION } from '../curriculum.ts';
import { ALPHABET, selectiveCopying } from './examples.ts';

const SEED = 1;
const DEPTH = 64;
const CURRICULUM: Curriculum = {
  seed: SEED,
  lengths: [16, 64, 256, 1_024, 4_096],
  shards: 320,
  batches: 8,
  batchSize: 16,
};

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'selective-copying',
    source: { kind: 'tokens', symbols: { unit: 'id', count: ALPHABET }, embedding: 16 },
    encoder: { kind: 'lstm', units: DEPTH, layers: 1 },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 2,
      window: 32,
      leafFanIn: 16,
      fanIn: 8,
      slots: 4,
      tokenCountBias: false,
      summary: 'attention',
      associative: { keyDepth: 12 },
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
    shard: (index) => shardOf(CURRICULUM, index, (length, random) => selectiveCopying(length, random)),
    validation: () =>
      [256, 4_096].flatMap((length) =>
        Array.from({ length: 32 }, (_, index) => selectiveCopying(length, randomFor(SEED, VALIDATION, length, index))),
      ),
  }),
});

export default recipe;

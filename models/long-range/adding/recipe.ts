/**
 * `hearken train models/long-range/adding/recipe.ts`: the adding problem over 600 times. See ../README.md. A marked number stands in a vector of
 * its own; the mean of the two that the read finds is half of the sum.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { type Curriculum, shardOf, VALIDATION } from '../curriculum.ts';
import { addingProblem } from './examples.ts';

const SEED = 1;
const DEPTH = 32;
const CURRICULUM: Curriculum = { seed: SEED, lengths: [10, 40, 150, 600], shards: 150, batches: 16, batchSize: 32 };

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'adding',
    source: { kind: 'numbers', width: 2 },
    encoder: { kind: 'pair', units: DEPTH },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 2,
      window: 16,
      leafFanIn: 8,
      fanIn: 4,
      slots: 2,
      tokenCountBias: false,
      summary: 'attention',
    },
    heads: { regression: { outputs: 1 } },
  },
  training: {
    seed: SEED,
    steps: 6_000,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 250,
    batchSize: CURRICULUM.batchSize,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (index) => shardOf(CURRICULUM, index, addingProblem),
    validation: () => Array.from({ length: 256 }, (_, index) => addingProblem(600, randomFor(SEED, VALIDATION, index))),
  }),
});

export default recipe;

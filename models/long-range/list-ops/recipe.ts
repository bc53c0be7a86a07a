/**
 * `hearken train models/long-range/list-ops/recipe.ts`: ListOps by the generator of Long Range Arena, our seed, one run. See ../README.md. 96,000
 * expressions to train on, as the benchmark has, and its number of updates and sequences in each.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { TRAINING, VALIDATION } from '../curriculum.ts';
import { LABELS, listOpsExample, SYMBOLS } from './expression.ts';

const SEED = 1;
const DEPTH = 96;
const TRAINING_COUNT = 96_000;
const SHARD_SIZE = 160;
/** Expressions by which the best checkpoint is chosen. */
const VALIDATION_COUNT = 512;

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'list-ops',
    source: { kind: 'tokens', symbols: { unit: 'word', symbols: SYMBOLS }, embedding: 32 },
    encoder: { kind: 'lstm', units: DEPTH, layers: 1 },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 4,
      window: 32,
      leafFanIn: 16,
      fanIn: 4,
      slots: 4,
      tokenCountBias: false,
      summary: 'attention',
    },
    heads: { classifier: { labels: LABELS } },
  },
  training: {
    seed: SEED,
    steps: 5_000,
    learningRate: 2e-3,
    warmup: 250,
    validateEvery: 250,
    batchSize: 32,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0.1,
    optimizer: { clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (index) =>
      Array.from({ length: SHARD_SIZE }, (_, place) =>
        listOpsExample(randomFor(SEED, TRAINING, (index * SHARD_SIZE + place) % TRAINING_COUNT)),
      ),
    validation: () =>
      Array.from({ length: VALIDATION_COUNT }, (_, index) => listOpsExample(randomFor(SEED, VALIDATION, index))),
  }),
});

export default recipe;

/** How the model that copies backwards is trained: `hearken train models/tree-copy/recipe.ts`; `HEARKEN_VARIANT=none` trains the tree alone. See README.md. */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { nameFrom } from '../environment.ts';
import { LABELS, trainingExamples, validationExamples, WIDTH } from './task.ts';

const DEPTH = 64;
const BATCH = 4;
const BATCHES_PER_SHARD = 20;
const STEPS = 1_200;
const SEED = 1;

/** `descent`: with a cold store, to whose leaves a walk leads; `none`: the tree alone. */
const variant: 'descent' | 'none' = nameFrom('HEARKEN_VARIANT', ['descent', 'none'], 'descent');

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: variant === 'none' ? 'tree-copy-none' : 'tree-copy',
    source: { kind: 'numbers', width: WIDTH },
    encoder: { kind: 'pair', units: DEPTH },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 1,
      window: 16,
      leafFanIn: 8,
      fanIn: 4,
      slots: 2,
      tokenCountBias: false,
      summary: 'attention',
      ...(variant === 'none' ? {} : { cold: { nearest: 8, retention: 1_000_000, descent: { beam: 1 } } }),
    },
    heads: { answers: { labelCount: LABELS } },
  },
  training: {
    seed: SEED,
    steps: STEPS,
    learningRate: 4e-3,
    warmup: 50,
    validateEvery: 100,
    batchSize: BATCH,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (shard) => {
      const progress = (shard * BATCHES_PER_SHARD) / STEPS;
      return trainingExamples({ shard, count: BATCHES_PER_SHARD, size: BATCH, progress, seed: SEED });
    },
    validation: validationExamples,
  }),
});

export default recipe;

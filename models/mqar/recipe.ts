/**
 * How models of mqar are trained: `HEARKEN_MQAR=mqar hearken train models/mqar/recipe.ts`, and `two-token`. `HEARKEN_VARIANT` trains what they are
 * compared with; see README.md beside this.
 */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { nameFrom } from '../environment.ts';
import { type MqarTask, TASKS, trainingExamples, validationExamples } from './tasks.ts';
import { configOf, type MqarVariant, VARIANTS } from './variants.ts';

const BATCH = 32;
const BATCHES_PER_SHARD = 10;
const STEPS = 600;
const SEED = 1;

const task: MqarTask = nameFrom('HEARKEN_MQAR', TASKS, 'mqar');
const variant: MqarVariant = nameFrom('HEARKEN_VARIANT', VARIANTS, 'search');

const recipe: SequenceRecipe = defineRecipe({
  config: configOf(task, variant),
  training: {
    seed: SEED,
    steps: STEPS,
    learningRate: 6e-3,
    warmup: 50,
    validateEvery: STEPS / 6,
    batchSize: BATCH,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (shard) => {
      const progress = (shard * BATCHES_PER_SHARD) / STEPS;
      return trainingExamples(task, { shard, count: BATCHES_PER_SHARD, size: BATCH, progress, seed: SEED });
    },
    validation: () => validationExamples(task),
  }),
});

export default recipe;

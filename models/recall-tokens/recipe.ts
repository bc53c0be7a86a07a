/**
 * How recall-tokens is trained: `HEARKEN_RECALL=keyed hearken train models/recall-tokens/recipe.ts`, and `salient`. `HEARKEN_VARIANT` trains a
 * rival, with `HEARKEN_SEED` and `HEARKEN_RATE`; see README.md beside this.
 */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { nameFrom, numberFrom } from '../environment.ts';
import { LEARNING_RATE } from './rates.ts';
import { type Task, TASKS, trainingExamples, validationExamples } from './tasks.ts';
import { configOf, type Variant, VARIANTS } from './variants.ts';

const BATCH = 16;
const BATCHES_PER_SHARD = 10;

/** Updates of a task. */
const STEPS: Readonly<Record<Task, number>> = { keyed: 3_000, salient: 3_000 };

const task = nameFrom('HEARKEN_RECALL', TASKS, 'keyed');
const variant: Variant = nameFrom('HEARKEN_VARIANT', VARIANTS, 'hierarchical');
const seed = numberFrom('HEARKEN_SEED', 1);
const steps = STEPS[task];

const recipe: SequenceRecipe = defineRecipe({
  config: configOf(task, variant),
  training: {
    seed,
    steps,
    learningRate: numberFrom('HEARKEN_RATE', LEARNING_RATE),
    warmup: 50,
    validateEvery: steps / 6,
    batchSize: BATCH,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (shard) => {
      const progress = (shard * BATCHES_PER_SHARD) / steps;
      const isLong = variant === 'literal';
      return trainingExamples(task, { isLong, shard, count: BATCHES_PER_SHARD, size: BATCH, progress, seed });
    },
    validation: () => validationExamples(task),
  }),
});

export default recipe;

/**
 * Salient recall, the first test of a memory: `hearken train models/salient-recall/recipe.ts`. Trained on at most 512 tokens
 * of 64, validated at 512, 4,096 and 16,384. A few minutes on two cores with native TensorFlow.
 * The first 400 updates see 48 tokens only: there the marker's answer is found, and longer sequences only stretch it.
 */
import { defineTask, type TaskRecipe } from '../../src/training/recipe.ts';
import { salientRecall } from '../../src/training/salient-recall.ts';

const SEED = 1;

const recipe: TaskRecipe = defineTask(
  salientRecall({
    memory: { depth: 32, heads: 2, window: 32, leafFanIn: 16, fanIn: 4, slots: 4, tokenCountBias: false },
    labelCount: 64,
    batchSize: 32,
    lengths: [48, 128, 512],
    curriculumSteps: 1_200,
    seed: SEED,
    validationLengths: [512, 4_096, 16_384],
    validationCount: 64,
  }),
  {
    seed: SEED,
    steps: 1_800,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 600,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.98 },
  },
);

export default recipe;

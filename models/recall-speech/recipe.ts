/**
 * How what recall-speech has above the encoder of codes-en is trained: `hearken train models/recall-speech/recipe.ts`; then
 * `npx tsx scripts/assemble-recall-speech.ts RUN` puts both together. See README.md beside this.
 */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { UPPER_CONFIG } from './config.ts';
import { trainingExamples, validationExamples } from './examples.ts';
import { vectorPool } from './vectors.ts';

const SEED = 1;
const STEPS = 4_000;
const BATCH = 16;
const BATCHES_PER_SHARD = 4;

const recipe: SequenceRecipe = defineRecipe({
  config: UPPER_CONFIG,
  training: {
    seed: SEED,
    steps: STEPS,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 400,
    batchSize: BATCH,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.99 },
  },
  examples: async () => {
    const training = await vectorPool('train');
    const heldOut = await vectorPool('dev');
    return {
      shard: (shard) =>
        trainingExamples(training, {
          shard,
          count: BATCHES_PER_SHARD,
          size: BATCH,
          progress: (shard * BATCHES_PER_SHARD) / STEPS,
          seed: SEED,
        }),
      validation: () => validationExamples(heldOut),
    };
  },
});

export default recipe;

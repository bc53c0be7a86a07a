/**
 * How translate-en-de is trained, after `npm run data:catalogs` and `npm run data:pieces`:
 * `hearken train models/translate-en-de/recipe.ts --out .runs/translate-en-de`; `--resume` goes on exactly where it stopped.
 */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { CONFIG } from './config.ts';
import { openExamples, TOKENIZER } from './examples.ts';

const recipe: SequenceRecipe = defineRecipe({
  config: CONFIG,
  tokenizer: TOKENIZER,
  examples: openExamples,
  training: {
    seed: 1,
    steps: 11_000,
    batchSize: 64,
    learningRate: 2e-3,
    warmup: 1_000,
    validateEvery: 1_000,
    chooseBy: 'loss',
    labelSmoothing: 0.1,
    scheduledSampling: 0,
    dropout: 0.2,
    optimizer: { beta2: 0.998, clipNorm: 1, averageDecay: 0.999 },
  },
});

export default recipe;

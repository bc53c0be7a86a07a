/** How codes-en is trained: `hearken train models/codes-en/recipe.ts`. Synthetic speech only; see README.md beside this. */
import { hasUtteranceBank } from '../../corpora/utterance-bank.ts';
import { loadModel } from '../../src/index.ts';
import { defineRecipe, type SpeechRecipe } from '../../src/training/recipe.ts';
import { createAugmenter } from './augment.ts';
import { CODES_CONFIG } from './config.ts';
import { synthesizeCodes } from './synthesis.ts';
import { filterByTeacher } from './teacher-filter.ts';

const SYNTHESIS_FOLDER = '.data/codes-en/synthesis';
/** Folder of the synthesised speech without the digits that this very model, trained before, mishears. */
const FILTERED_FOLDER = '.data/codes-en/understood';
const NOISE_FOLDER = '.data/noise';
const SEED = 7;
/** Augmented utterances in a shard: about twenty seconds of work for the worker. */
const SHARD_SIZE = 2_048;
const VALIDATION_SIZE = 512;

const recipe: SpeechRecipe = defineRecipe({
  config: CODES_CONFIG,
  training: {
    seed: SEED,
    steps: 11_000,
    learningRate: 3e-3,
    warmup: 300,
    validateEvery: 250,
    batchesPerUpdate: 2,
    batchSize: 48,
    batchFrames: 15_360,
    ctcWeight: 0.7,
    labelSmoothing: 0.05,
    scheduledSampling: 0.1,
    dropout: 0.1,
    specAugment: { frequencyMasks: 2, frequencyMaskBands: 8, timeMasksPerSecond: 0.7, timeMaskFrames: 5 },
    shardPasses: 4,
  },
  examples: async () => {
    await synthesizeCodes({ folder: SYNTHESIS_FOLDER });
    if (!(await hasUtteranceBank(FILTERED_FOLDER))) {
      await using teacher = await loadModel('models/codes-en');
      await filterByTeacher({ teacher, from: SYNTHESIS_FOLDER, to: FILTERED_FOLDER });
    }
    const options = { synthesisDir: FILTERED_FOLDER, noiseDir: NOISE_FOLDER, seed: SEED };
    const [training, heldOut] = [await createAugmenter(options), await createAugmenter({ ...options, split: 'dev' })];
    return {
      shard: (index) => training.makeShard(index, SHARD_SIZE),
      validation: () => heldOut.makeShard(0, VALIDATION_SIZE),
    };
  },
});

export default recipe;

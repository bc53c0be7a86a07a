/** How speech-en is trained, from nothing: `hearken train models/speech-en/recipe.ts`. See README.md beside this. */
import { type AudioRecipe, defineRecipe } from '../../src/training/recipe.ts';
import { SPEECH_EN_CONFIG } from './config.ts';
import { prepareSpeech } from './data.ts';
import { type DrawShard, openExamples, othersShare } from './examples.ts';

const SEED = 11;
const STEPS = 8_000;
const BATCHES_PER_UPDATE = 2;
/** Augmented examples in a shard, and the batches that they make, about: as long ones come in smaller batches. */
const SHARD_SIZE = 2_048;
const SHARD_BATCHES = 104;
const SHARD_PASSES = 4;
/** Shards until the last update, by which other languages come and go. */
const SHARDS = (STEPS * BATCHES_PER_UPDATE) / (SHARD_BATCHES * SHARD_PASSES);
const VALIDATION_SIZE = 384;
/** Of those held out, in another language: of a speaker that is never trained on. */
const VALIDATION_OTHERS = 0.15;

const recipe: AudioRecipe = defineRecipe({
  config: SPEECH_EN_CONFIG,
  training: {
    seed: SEED,
    steps: STEPS,
    learningRate: 2.5e-3,
    warmup: 300,
    validateEvery: 250,
    batchesPerUpdate: BATCHES_PER_UPDATE,
    batchSize: 32,
    batchFrames: 10_240,
    ctcWeight: 0.7,
    phonesWeight: 0.5,
    labelSmoothing: 0.05,
    scheduledSampling: 0.1,
    // In a model that underfits, both hide the progress and slow it.
    dropout: 0,
    specAugment: { frequencyMasks: 0, frequencyMaskBands: 0, timeMasksPerSecond: 0, timeMaskFrames: 0 },
    shardPasses: SHARD_PASSES,
    optimizer: { averageDecay: 0.998 },
  },
  examples: async () => {
    const data = await prepareSpeech();
    let training: Promise<DrawShard> | undefined; // read by the thread that makes shards alone: a gigabyte
    return {
      shard: async (index) => {
        training ??= openExamples({ ...data, seed: SEED, split: 'train' });
        return (await training)(index, SHARD_SIZE, othersShare(index / SHARDS));
      },
      validation: async () => {
        const heldOut = await openExamples({ ...data, seed: SEED, split: 'dev' });
        return heldOut(0, VALIDATION_SIZE, VALIDATION_OTHERS);
      },
    };
  },
});

export default recipe;

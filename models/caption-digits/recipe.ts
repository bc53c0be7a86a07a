/**
 * How the captioner is trained: `hearken train models/caption-digits/recipe.ts`; `HEARKEN_ATTENTION=hard` and `none` train what it is compared with,
 * `HEARKEN_SEED` other seeds. Scenes are drawn anew all the time, of the images for training; see README.md beside this.
 */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { nameFrom, numberFrom } from '../environment.ts';
import { FEWEST, MOST, type Scene, sceneOf } from './scenes.ts';
import { ATTENTIONS, type CaptionAttention, configOf } from './variants.ts';

const BATCH = 32;
const BATCHES = 20;
const VALIDATION = 128;
/** Shards in which scenes have up to 1, 2, 3 and 4 digits; in all that follow they have all numbers. */
const SHARDS_OF_FEW = 10;

const attention: CaptionAttention = nameFrom('HEARKEN_ATTENTION', ATTENTIONS, 'soft');
const seed = numberFrom('HEARKEN_SEED', 1);

/** Digits of scene `index`: all numbers from `fewest` to `most` in turn. */
const inTurn = (index: number, fewest: number, most: number): number => fewest + (index % (most - fewest + 1));

/** Digits of scene `index` of a shard: one alone first, then more and more, so that names are learned before places. */
function digitsOf(shard: number, index: number): number {
  const stage = 1 + Math.floor(shard / SHARDS_OF_FEW);
  return stage < MOST ? inTurn(index, 1, stage) : inTurn(index, FEWEST, MOST);
}

function exampleOf({ pixels, caption }: Scene): SequenceExample {
  return { input: pixels, output: caption };
}

const recipe: SequenceRecipe = defineRecipe({
  config: configOf(attention),
  training: {
    seed,
    steps: 4_000,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 250,
    batchSize: BATCH,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0.05,
    coverage: attention === 'none' ? 0 : 0.05,
    chooseBy: 'loss',
    optimizer: { clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (shard) =>
      Array.from({ length: BATCHES * BATCH }, (_, index) =>
        exampleOf(sceneOf('training', seed, shard * BATCHES * BATCH + index, digitsOf(shard, index))),
      ),
    // The same for all seeds.
    validation: () =>
      Array.from({ length: VALIDATION }, (_, index) =>
        exampleOf(sceneOf('validation', 1, index, inTurn(index, FEWEST, MOST))),
      ),
  }),
});

export default recipe;

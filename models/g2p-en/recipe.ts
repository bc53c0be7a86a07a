/**
 * How g2p-en is trained: `hearken train models/g2p-en/recipe.ts`. With `HEARKEN_G2P=VARIANT` and `HEARKEN_SEED=N` in the environment it
 * trains a small model of the comparison instead; see README.md beside this.
 */
import { oneOf } from '../../src/arguments.ts';
import { partOf, type PronouncedWord, readCmudict } from '../../corpora/pronunciations/cmudict.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { defineRecipe, type SequenceRecipe, type SequenceTraining } from '../../src/training/recipe.ts';
import { CHANGES, type ComparedVariant, comparedConfig, G2P_CONFIG } from './config.ts';

/** Updates in which 128 pairs at a time pass over all pairs once. */
const EPOCH = 896;

const MAIN: SequenceTraining = {
  seed: 1,
  steps: 12 * EPOCH,
  learningRate: 3e-3,
  warmup: 500,
  validateEvery: EPOCH,
  batchSize: 128,
  labelSmoothing: 0.1,
  scheduledSampling: 0,
  dropout: 0.2,
  optimizer: { averageDecay: 0.999 },
};
const COMPARED: SequenceTraining = { ...MAIN, steps: 6 * EPOCH, validateEvery: 2 * EPOCH };

/** Of the words for choices, one in so many tells during training how far it is. */
const VALIDATION_SHARE = 4;

function variantIn(environment: NodeJS.ProcessEnv): ComparedVariant | undefined {
  const variant = environment['HEARKEN_G2P'];
  if (variant === undefined) return undefined;
  oneOf(...Object.keys(CHANGES))('HEARKEN_G2P', variant);
  return variant as ComparedVariant; // one of its names, as was just checked
}

const variant = variantIn(process.env);
const seed = Number(process.env['HEARKEN_SEED'] ?? MAIN.seed);

const recipe: SequenceRecipe = defineRecipe({
  config: variant === undefined ? G2P_CONFIG : comparedConfig(variant),
  training: { ...(variant === undefined ? MAIN : COMPARED), seed },
  examples: async () => {
    const words = await readCmudict();
    const pairs = pairsOf(partOf(words, 'train'));
    const heldOut = partOf(words, 'dev').filter((_, index) => index % VALIDATION_SHARE === 0);
    return {
      shard: () => pairs, // all of them every time: batches are drawn anew
      // Words that are said in one way: what is written otherwise is wrong.
      validation: () => pairsOf(heldOut.filter(({ pronunciations }) => pronunciations.length === 1)),
    };
  },
});

/** Each way to say a word is an example of its own. */
function pairsOf(words: readonly PronouncedWord[]): SequenceExample[] {
  return words.flatMap(({ word, pronunciations }) =>
    pronunciations.map((phones) => ({ input: word, output: phones.join(' ') })),
  );
}

export default recipe;

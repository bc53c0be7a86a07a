/**
 * How g2p-en is trained: `hearken train models/g2p-en/recipe.ts`. With `HEARKEN_G2P=larger` in the environment it trains a larger one for an
 * ensemble, with `HEARKEN_G2P=VARIANT` and `HEARKEN_SEED=N` a small model of the comparison; see README.md beside this.
 */
import { oneOf } from '../../src/arguments.ts';
import { partOf, type PronouncedWord, readCmudict } from '../../corpora/pronunciations/cmudict.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { defineRecipe, type SequenceRecipe, type SequenceTraining } from '../../src/training/recipe.ts';
import { numberFrom } from '../environment.ts';
import { CHANGES, type ComparedVariant, comparedConfig, G2P_CONFIG, LARGER_CONFIG, LARGER_DROPOUT } from './config.ts';

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
const LARGER: SequenceTraining = { ...MAIN, steps: 8 * EPOCH, learningRate: 2e-3, dropout: LARGER_DROPOUT };
const COMPARED: SequenceTraining = { ...MAIN, steps: 3 * EPOCH };

const LARGER_NAME = 'larger';

/** Of the words for choices, one in so many tells during training how far it is. */
const VALIDATION_SHARE = 4;

/** What the environment asks for: the model itself, the larger one, or a model of the comparison. */
function chosen(): Pick<SequenceRecipe, 'config' | 'training'> {
  const seeded = (training: SequenceTraining): SequenceTraining => ({
    ...training,
    seed: numberFrom('HEARKEN_SEED', training.seed),
  });
  const name = process.env['HEARKEN_G2P'];
  if (name === undefined) return { config: G2P_CONFIG, training: seeded(MAIN) };
  if (name === LARGER_NAME) return { config: LARGER_CONFIG, training: seeded(LARGER) };
  oneOf(LARGER_NAME, ...Object.keys(CHANGES))('HEARKEN_G2P', name);
  const variant = name as ComparedVariant; // one of its names, as was just checked
  return { config: comparedConfig(variant), training: seeded(COMPARED) };
}

const recipe: SequenceRecipe = defineRecipe({
  ...chosen(),
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

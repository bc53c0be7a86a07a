/** How inverse-numbers-en is trained: `hearken train models/inverse-numbers-en/recipe.ts`. See README.md beside this. */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { DRAWN_WITHOUT_END, encoderDecoder } from '../encoder-decoder.ts';
import { trainingPairs, validationPairs, wordsOfNumbers } from './examples.ts';

const SHARD_SIZE = 1_280;
const VALIDATION_SIZE = 512;

const recipe: SequenceRecipe = defineRecipe({
  config: encoderDecoder({
    name: 'inverse-numbers-en',
    language: 'en',
    from: { unit: 'word', symbols: wordsOfNumbers() },
    to: { unit: 'character', symbols: Array.from('0123456789dhnrst') },
    embedding: 48,
    outputEmbedding: 32,
  }),
  training: {
    ...DRAWN_WITHOUT_END,
    seed: 3,
    steps: 2_000,
    validateEvery: 200,
    batchSize: 128,
    optimizer: { clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (index) => trainingPairs(index, SHARD_SIZE),
    validation: () => validationPairs(VALIDATION_SIZE),
  }),
});

export default recipe;

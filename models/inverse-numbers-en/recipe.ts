/** How inverse-numbers-en is trained: `hearken train models/inverse-numbers-en/recipe.ts`. See README.md beside this. */
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { trainingPairs, validationPairs, wordsOfNumbers } from './examples.ts';

const UNITS = 128;
const SHARD_SIZE = 1_280;
const VALIDATION_SIZE = 512;

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'inverse-numbers-en',
    language: 'en',
    source: { kind: 'tokens', symbols: { unit: 'word', symbols: wordsOfNumbers() }, embedding: 48 },
    encoder: { kind: 'lstm', units: UNITS, layers: 1, direction: 'both' },
    memory: { kind: 'full' },
    heads: {
      decoder: {
        order: 'luong',
        cell: 'gru',
        attention: { kind: 'global', score: 'general' },
        units: UNITS,
        attentionUnits: UNITS,
        embedding: 32,
        inputFeeding: true,
        firstState: 'encoder',
        dropout: 0,
        symbols: { unit: 'character', symbols: Array.from('0123456789dhnrst') },
      },
    },
  },
  training: {
    seed: 3,
    steps: 2_000,
    learningRate: 3e-3,
    warmup: 50,
    validateEvery: 200,
    batchSize: 128,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => ({
    shard: (index) => trainingPairs(index, SHARD_SIZE),
    validation: () => validationPairs(VALIDATION_SIZE),
  }),
});

export default recipe;

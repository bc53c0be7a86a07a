/**
 * `hearken train models/long-range/sequential-mnist/recipe.ts`: handwritten digits from 784 pixels, one at a time. See ../README.md. The dilated
 * encoder sees the nine rows before a pixel, the tree the whole image. 8,500 images to train on, each drawn moved by up to two pixels.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { TRAINING } from '../curriculum.ts';
import { DIGITS, mnistImages, moved } from './images.ts';

const SEED = 1;
const DEPTH = 32;
const SHARD_SIZE = 320;
/** Pixels by which an image is moved at the most, each way. */
const FARTHEST = 2;

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'sequential-mnist',
    source: { kind: 'numbers', width: 1 },
    encoder: { kind: 'dilated', units: DEPTH, kernel: 2, dilations: [1, 2, 4, 8, 16, 32, 64, 128] },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 2,
      window: 28,
      leafFanIn: 28,
      fanIn: 4,
      slots: 2,
      tokenCountBias: false,
      summary: 'attention',
    },
    heads: { classifier: { labels: DIGITS } },
  },
  training: {
    seed: SEED,
    steps: 2_500,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 250,
    batchSize: 32,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0.05,
    optimizer: { clipNorm: 1, averageDecay: 0.99 },
  },
  examples: () => {
    const { training, validation } = mnistImages();
    return {
      shard: (index) => {
        const random = randomFor(SEED, TRAINING, index);
        const shift = (): number => random.integer(2 * FARTHEST + 1) - FARTHEST;
        return Array.from({ length: SHARD_SIZE }, () => {
          const image = training[random.integer(training.length)]!;
          return { ...image, input: moved(image.input, shift(), shift()) };
        });
      },
      validation: () => validation,
    };
  },
});

export default recipe;

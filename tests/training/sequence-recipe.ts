import { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import { SEQUENCE_CONFIG } from '../model/sequence-config.ts';

function draw(random: Random, count: number): SequenceExample[] {
  return Array.from({ length: count }, () => {
    const input = Array.from({ length: 1 + random.integer(5) }, () => random.integer(4));
    return { input, output: input.map((id) => id % 3) };
  });
}

const recipe: SequenceRecipe = defineRecipe({
  config: SEQUENCE_CONFIG,
  training: {
    seed: 1,
    steps: 8,
    learningRate: 0.02,
    warmup: 2,
    validateEvery: 4,
    batchSize: 4,
    labelSmoothing: 0.1,
    scheduledSampling: 0.2,
    dropout: 0.1,
  },
  examples: () => ({
    shard: (index) => draw(Random.seeded(10 + index), 12),
    validation: () => draw(Random.seeded(1), 6),
  }),
});

export default recipe;

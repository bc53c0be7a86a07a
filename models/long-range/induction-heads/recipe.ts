/**
 * `hearken train models/long-range/induction-heads/recipe.ts`: induction heads, trained on at most 256 tokens. See ../README.md. What came after the
 * special token meets it in one vector of the pair encoder; the tree is to keep that vector as it is, and the read to find it.
 */
import { randomFor } from '../../../corpora/draw.ts';
import { defineRecipe, type SequenceRecipe } from '../../../src/training/recipe.ts';
import { type Curriculum, shardOf, VALIDATION } from '../curriculum.ts';
import { inductionHeads, ORDINARY_TOKENS } from './examples.ts';

const SEED = 1;
const DEPTH = 32;
const CURRICULUM: Curriculum = { seed: SEED, lengths: [24, 64, 256], shards: 75, batches: 16, batchSize: 32 };
/** The longer ones tell whether what was learned holds on levels that training never has. */
const VALIDATED = [256, 2_048];

const recipe: SequenceRecipe = defineRecipe({
  config: {
    format: 'hearken',
    version: 2,
    name: 'induction-heads',
    source: { kind: 'tokens', symbols: { unit: 'id', count: ORDINARY_TOKENS + 1 }, embedding: DEPTH },
    encoder: { kind: 'pair', units: DEPTH },
    memory: {
      kind: 'hierarchical',
      depth: DEPTH,
      heads: 2,
      window: 16,
      leafFanIn: 4,
      fanIn: 4,
      slots: 8,
      tokenCountBias: false,
      summary: 'attention',
      merging: 'eager',
      strongest: 2,
      refined: 'leaves',
    },
    heads: { answers: { labelCount: ORDINARY_TOKENS } },
  },
  training: {
    seed: SEED,
    steps: 2_000,
    learningRate: 3e-3,
    warmup: 100,
    validateEvery: 250,
    chooseBy: 'loss',
    batchSize: CURRICULUM.batchSize,
    labelSmoothing: 0,
    scheduledSampling: 0,
    dropout: 0,
    optimizer: { beta2: 0.999, clipNorm: 1, averageDecay: 0.98 },
  },
  examples: () => ({
    shard: (index) => shardOf(CURRICULUM, index, inductionHeads),
    validation: () =>
      VALIDATED.flatMap((length) =>
        Array.from({ length: 128 }, (_, index) => inductionHeads(length, randomFor(SEED, VALIDATION, length, index))),
      ),
  }),
});

export default recipe;

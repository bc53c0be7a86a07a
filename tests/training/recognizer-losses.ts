/** A short training of the recogniser with a seed, on any backend of tfjs. */
import { Random } from '../../src/tensor/random.ts';
import type { SpeechTraining } from '../../src/training/recipe.ts';
import type { SpeechBatch } from '../../src/training/speech-batches.ts';
import { modelRecipeOf, modelTask } from '../../src/training/model-recipe.ts';
import { train } from '../../src/training/train.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

/** Updates of the training. */
export const STEPS = 20;
const training: SpeechTraining = {
  seed: 11,
  steps: STEPS,
  learningRate: 1e-3,
  warmup: 5,
  validateEvery: STEPS,
  batchSize: 2,
  batchFrames: 1_000,
  ctcWeight: 0.5,
  labelSmoothing: 0.05,
  scheduledSampling: 0.2,
  dropout: 0.1,
  specAugment: { frequencyMasks: 1, frequencyMaskBands: 5, timeMasksPerSecond: 1, timeMaskFrames: 5 },
  shardPasses: 1,
};

export type RecognizerTraining = {
  readonly config: SpeechConfig;
  /** Vectors of each of the two rows of a batch, 10 or more. */ readonly vectorCount: number;
};

function batchOf({ config, vectorCount }: RecognizerTraining, random: Random): SpeechBatch {
  const shape = [2, vectorCount, config.features.bandCount * config.encoder.frameStack] as const;
  const frames = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
  const utterances = [
    { firstLabel: 0, start: 0 },
    { firstLabel: 1, start: Math.floor(vectorCount * 0.4) },
  ];
  return { frames, shape, labels: [Int32Array.of(1, 2, 3), Int32Array.of(2, 2)], utterances };
}

/** The loss of each update, on the backend of tfjs that is set. */
export async function recognizerLosses(of: RecognizerTraining): Promise<number[]> {
  const random = Random.seeded(4);
  const batches = Array.from({ length: 5 }, () => batchOf(of, random));
  const examples = async () => ({ shard: () => [], validation: () => [] });
  const task = modelTask(modelRecipeOf({ config: of.config, training, examples }), {
    shard: async () => batches,
    heldOut: batches.slice(0, 1),
    save: async () => undefined,
  });
  const losses: number[] = [];
  await train(task, { ...training, onStep: ({ loss }) => void losses.push(loss) });
  return losses;
}

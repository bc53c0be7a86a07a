/** What a recipe file says: which model to train, on what, and how long. `hearken train RECIPE` runs it. */
import type { ModelConfig } from '../model/config.ts';
import type { AudioExample } from './examples.ts';
import type { OptimizerOptions } from './optimizer.ts';
import type { SpecAugmentOptions } from './spec-augment.ts';
import type { BatchOptions } from './speech-batches.ts';
import type { Task } from './task.ts';

/** Where a recipe's examples come from. */
export type ExampleSource = {
  /** Training examples of shard `index` (0, 1, ...): a pure function of it, without end. */
  readonly shard: (index: number) => Promise<readonly AudioExample[]> | readonly AudioExample[];
  /** Held-out examples, always the same. */
  readonly validation: () => Promise<readonly AudioExample[]> | readonly AudioExample[];
};

/** How long and how fast to train, whatever is trained. */
export type TrainingSchedule = {
  readonly seed: number;
  /** Updates in all. */ readonly steps: number;
  /** Peak learning rate. */ readonly learningRate: number;
  /** Steps of linear warm-up. */ readonly warmup: number;
  /** Steps between validations; a run state is saved at each. */ readonly validateEvery: number;
  /** Batches whose mean gradient makes one update, 1 unless told; they are computed side by side where there are cores. */
  readonly batchesPerUpdate?: number;
  readonly optimizer?: OptimizerOptions;
};

export function batchesPerUpdate({ batchesPerUpdate: told = 1 }: TrainingSchedule): number {
  return told;
}

export type SpeechTraining = TrainingSchedule &
  BatchOptions & {
    /** Share of CTC in the loss, 0 to 1; the attention decoder's cross-entropy has the rest. */ readonly ctcWeight: number;
    /** Probability mass moved from the true label to all others, 0 to below 1. */ readonly labelSmoothing: number;
    /** Probability of feeding the decoder its own last output instead of the truth, 0 to 1. */ readonly scheduledSampling: number;
    /** Dropout in the encoder, 0 to below 1. */ readonly dropout: number;
    readonly specAugment: SpecAugmentOptions;
    /** Passes over a shard before the next: fresh augmentation costs time. */ readonly shardPasses: number;
  };

export type SpeechRecipe = {
  readonly config: ModelConfig;
  readonly training: SpeechTraining;
  /** Opens the examples; called once a process or worker, so it may fetch, synthesise and cache. */
  readonly examples: () => Promise<ExampleSource>;
};

/** The identity, for its types: `export default defineRecipe({ ... })`. */
export function defineRecipe(recipe: SpeechRecipe): SpeechRecipe {
  return recipe;
}

/** Anything else that the loop can train, for example a task on tokens. */
export type TaskRecipe = { readonly task: Task<unknown>; readonly training: TrainingSchedule };

export type Recipe = SpeechRecipe | TaskRecipe;

/** `export default defineTask(task, { ... })`. */
export function defineTask<Batch>(task: Task<Batch>, training: TrainingSchedule): TaskRecipe {
  // The loop hands a task only the batches that the task itself made.
  return { task: task as unknown as Task<unknown>, training };
}

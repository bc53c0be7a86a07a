/** What a recipe file says: which model to train, on what, and how long. `hearken train RECIPE` runs it. */
import {
  aFunction,
  anObject,
  assertFields,
  assertOptions,
  type Checks,
  integerIn,
  numberIn,
  oneOf,
  typed,
} from '../arguments.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import type { ModelConfig } from '../model/config.ts';
import type { AudioExample, PhoneExample, SequenceExample } from './examples.ts';
import type { OptimizerOptions } from './optimizer.ts';
import type { SpecAugmentOptions } from './spec-augment.ts';
import type { BatchOptions } from './speech-batches.ts';
import type { Task } from './task.ts';

/** Where a recipe's examples come from. */
export type ExampleSource<Example = AudioExample> = {
  /** Training examples of shard `index` (0, 1, ...): a pure function of it, without end. */
  readonly shard: (index: number) => Promise<readonly Example[]> | readonly Example[];
  /** Held-out examples, always the same. */
  readonly validation: () => Promise<readonly Example[]> | readonly Example[];
};

/** Length and speed of training, whatever is trained. */
export type TrainingSchedule = {
  readonly seed: number;
  /** Number of updates in the whole run. */ readonly steps: number;
  /** Peak learning rate. */ readonly learningRate: number;
  /** Steps of linear warm-up. */ readonly warmup: number;
  /** Steps between validations; a run state is saved at each. */ readonly validateEvery: number;
  /** Batches whose mean gradient makes one update, default 1; they are computed side by side where there are cores. */
  readonly batchesPerUpdate?: number;
  /**
   * By which of a validation's figures the best checkpoint is kept, the lowest: `loss` tells long outputs apart, of which none is right
   * from end to end. Default `error`.
   */
  readonly chooseBy?: 'error' | 'loss';
  readonly optimizer?: OptimizerOptions;
};

export function batchesPerUpdate({ batchesPerUpdate: given = 1 }: TrainingSchedule): number {
  return given;
}

export type SpeechTraining = TrainingSchedule &
  BatchOptions & {
    /** Share of CTC in the loss, 0 to 1; the attention decoder's cross-entropy has the rest. */ readonly ctcWeight: number;
    /** Share of a head `phones` in the loss, 0 to 1; labels have the rest. Default 0.5. */ readonly phonesWeight?: number;
    /** Probability mass moved from the true label to all others, 0 to below 1. */ readonly labelSmoothing: number;
    /** Probability of feeding the decoder its own last output instead of the truth, 0 to 1. */ readonly scheduledSampling: number;
    /** Dropout in the encoder, 0 to below 1. */ readonly dropout: number;
    readonly specAugment: SpecAugmentOptions;
    /** Passes over a shard before the next one is made: fresh augmentation costs time. */ readonly shardPasses: number;
  };

export type SpeechRecipe = {
  readonly config: SpeechConfig;
  readonly training: SpeechTraining;
  /** Opens the examples; called once a process or worker, so it may fetch, synthesise and cache. */
  readonly examples: () => Promise<ExampleSource>;
};

/** A recipe of a model of parts whose source is audio. */
export type AudioRecipe = Omit<SpeechRecipe, 'config' | 'examples'> & {
  readonly config: ModelConfig;
  /** As those of `SpeechRecipe`; of some only the phones may be known, where the model has a head for them. */
  readonly examples: () => Promise<ExampleSource<AudioExample | PhoneExample>>;
};

export type SequenceTraining = TrainingSchedule & {
  /** The most sequences in a batch, which are of like length. */ readonly batchSize: number;
  /** Probability mass moved from the true label of a decoder to all others, 0 to below 1. */ readonly labelSmoothing: number;
  /** Probability of feeding the decoder its own last output instead of the truth, 0 to 1. */ readonly scheduledSampling: number;
  /** Dropout in the encoder, 0 to below 1. */ readonly dropout: number;
  /**
   * Weight of what it costs a decoder not to look at every entry once: the mean over entries of (1 - the sum of its shares)². Default 0.
   * The doubly stochastic penalty of Xu et al., 2015, equation 14, https://arxiv.org/abs/1502.03044.
   */
  readonly coverage?: number;
};

/** A recipe of a model whose source is tokens or numbers. */
export type SequenceRecipe = {
  readonly config: ModelConfig;
  readonly training: SequenceTraining;
  /** Path of the `tokenizer.json` by which a text is cut, where symbols are pieces; the trained model has it in its folder. */
  readonly tokenizer?: string;
  /** Opens the examples; called once a process or worker. */ readonly examples: () =>
    | Promise<ExampleSource<SequenceExample>>
    | ExampleSource<SequenceExample>;
};

/**
 * Checks a recipe and returns it: `export default defineRecipe({ ... })`. The source of its configuration says whether its examples are
 * recordings or sequences of tokens. Throws `option/...`, naming the field.
 */
export function defineRecipe<R extends SpeechRecipe | AudioRecipe | SequenceRecipe>(recipe: R): R {
  assertRecipe(recipe);
  return recipe;
}

/** A recipe for whatever has a loss: a task of one's own. */
export type TaskRecipe = { readonly task: Task<unknown>; readonly training: TrainingSchedule };

export type Recipe = SpeechRecipe | AudioRecipe | SequenceRecipe | TaskRecipe;

/** Whether a recipe trains a model of sequences: of tokens or of numbers. */
export function isSequenceRecipe(recipe: Recipe): recipe is SequenceRecipe {
  return 'config' in recipe && 'source' in recipe.config && recipe.config.source.kind !== 'audio';
}

/** Makes a recipe of a task: `export default defineTask(task, { ... })`. Throws `option/...`, naming the field. */
export function defineTask<Batch>(task: Task<Batch>, training: TrainingSchedule): TaskRecipe {
  assertTask(task);
  assertSchedule(training);
  // The loop hands a task only the batches that the task itself made.
  return { task: task as unknown as Task<unknown>, training };
}

/** Check for a number from 0 to just below 1. */
const aShareBelowOne = numberIn(0, 1 - Number.EPSILON);
const aStep = integerIn(0);

const SCHEDULE_CHECKS: Checks<TrainingSchedule> = {
  seed: typed('a number', Number.isFinite),
  steps: integerIn(1),
  learningRate: numberIn(Number.MIN_VALUE),
  warmup: aStep,
  validateEvery: integerIn(1),
  batchesPerUpdate: integerIn(1),
  chooseBy: oneOf('error', 'loss'),
  optimizer: anObject,
};

/** Fields of a schedule that have defaults. */
const OPTIONAL = ['batchesPerUpdate', 'chooseBy', 'optimizer'] as const;

const SPEECH_CHECKS: Checks<SpeechTraining> = {
  ...SCHEDULE_CHECKS,
  batchSize: integerIn(1),
  batchFrames: integerIn(1),
  ctcWeight: numberIn(0, 1),
  phonesWeight: numberIn(0, 1),
  labelSmoothing: aShareBelowOne,
  scheduledSampling: numberIn(0, 1),
  dropout: aShareBelowOne,
  specAugment: anObject,
  shardPasses: integerIn(1),
};

const SEQUENCE_CHECKS: Checks<SequenceTraining> = {
  ...SCHEDULE_CHECKS,
  batchSize: integerIn(1),
  labelSmoothing: aShareBelowOne,
  scheduledSampling: numberIn(0, 1),
  dropout: aShareBelowOne,
  coverage: numberIn(0),
};

const OPTIMIZER_CHECKS: Checks<OptimizerOptions> = {
  beta1: aShareBelowOne,
  beta2: aShareBelowOne,
  weightDecay: numberIn(0),
  clipNorm: numberIn(Number.MIN_VALUE),
  averageDecay: aShareBelowOne,
};

const SPEC_AUGMENT_CHECKS: Checks<SpecAugmentOptions> = {
  frequencyMasks: aStep,
  frequencyMaskBands: aStep,
  timeMasksPerSecond: numberIn(0),
  timeMaskFrames: aStep,
};

const aPath = typed('a path', (value) => typeof value === 'string' && value !== '');

const RECIPE_CHECKS: Checks<SpeechRecipe> = { config: anObject, training: anObject, examples: aFunction };

const TASK_METHODS: readonly (keyof Task<unknown>)[] = ['initialWeights', 'batches', 'loss', 'validate', 'save'];

/** Throws `option/...`, naming the field, on what could not be trained; `config` is looked at where the model is made. */
export function assertRecipe(recipe: Recipe): void {
  if (!('task' in recipe)) return isSequenceRecipe(recipe) ? assertSequenceRecipe(recipe) : assertSpeechRecipe(recipe);
  assertFields('a recipe', recipe, { task: anObject, training: anObject });
  assertTask(recipe.task);
  return assertSchedule(recipe.training);
}

function assertSpeechRecipe(recipe: SpeechRecipe | AudioRecipe): void {
  assertFields('a recipe', recipe, RECIPE_CHECKS);
  const { training } = recipe;
  assertFields('the training of a recipe', training, SPEECH_CHECKS, [...OPTIONAL, 'phonesWeight']);
  assertOptions('the optimizer of a recipe', training.optimizer ?? {}, OPTIMIZER_CHECKS);
  assertFields('specAugment of a recipe', training.specAugment, SPEC_AUGMENT_CHECKS);
}

function assertSequenceRecipe(recipe: SequenceRecipe): void {
  const checks = { config: anObject, training: anObject, examples: aFunction, tokenizer: aPath };
  assertFields('a recipe', recipe, checks, ['tokenizer']);
  assertFields('the training of a recipe', recipe.training, SEQUENCE_CHECKS, [...OPTIONAL, 'coverage']);
  assertOptions('the optimizer of a recipe', recipe.training.optimizer ?? {}, OPTIMIZER_CHECKS);
}

/**
 * Throws `option/...` unless `task` has what the training loop calls. A task may have more, and may have it from a
 * class.
 */
function assertTask(task: object): void {
  for (const name of TASK_METHODS) aFunction(`task.${name}`, Reflect.get(task, name));
}

function assertSchedule(training: TrainingSchedule): void {
  assertFields('the training of a recipe', training, SCHEDULE_CHECKS, OPTIONAL);
  assertOptions('the optimizer of a recipe', training.optimizer ?? {}, OPTIMIZER_CHECKS);
}

/** What training does with a recipe, whichever source its model has: batches of its examples, their loss, and what is held out. */
import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { initModel } from '../model/forward.ts';
import { modelConfigOf, recognizerConfigOf } from '../model/config-migration.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import type { AudioExample, PhoneExample, SequenceExample } from './examples.ts';
import { openRecipe, type RecipeSource } from './open-recipe.ts';
import {
  type AudioRecipe,
  type ExampleSource,
  isSequenceRecipe,
  type SequenceRecipe,
  type SpeechRecipe,
  type TrainingSchedule,
} from './recipe.ts';
import { type SequenceBatch, sequenceBatches } from './sequence-batches.ts';
import { sequenceLoss, validateSequences } from './sequence-task.ts';
import { type SpeechBatch, speechBatches } from './speech-batches.ts';
import { speechLoss, validateSpeech } from './speech-task.ts';
import type { Task } from './task.ts';

/** A recipe of a model, as training runs it. */
export type ModelRecipe<Example = unknown, Batch = unknown> = {
  readonly config: ModelConfig | SpeechConfig;
  readonly training: TrainingSchedule;
  readonly examples: () => Promise<ExampleSource<Example>> | ExampleSource<Example>;
  /** Batches of examples of a shard, or of those held out. */
  readonly batchesOf: (
    examples: readonly Example[],
    random: Random,
    use: 'training' | 'validation',
  ) => readonly Batch[];
  /** Passes over a shard before the next one is made. */ readonly shardPasses: number;
  /** Path of the file that cuts a text into pieces, which belongs to the model. */ readonly tokenizer?: string;
  readonly initialWeights: () => HostArrays;
  readonly loss: Task<Batch>['loss'];
  readonly validate: (
    weights: Parameters<Task<Batch>['validate']>[0],
    heldOut: readonly Batch[],
  ) => ReturnType<Task<Batch>['validate']>;
};

/** Opens a recipe as `openRecipe` does; throws `recipe/invalid` where it trains a task of its own. */
export async function openModelRecipe(source: RecipeSource): Promise<ModelRecipe> {
  const recipe = await openRecipe(source);
  if ('task' in recipe) {
    throw new HearkenError('recipe/invalid', 'Expected a recipe of a model, got one of a task of its own');
  }
  return modelRecipeOf(recipe);
}

/** A recipe of a model as training runs it. */
export function modelRecipeOf(recipe: SpeechRecipe | AudioRecipe | SequenceRecipe): ModelRecipe {
  const opened = isSequenceRecipe(recipe) ? ofSequences(recipe) : ofSpeech(recipe);
  return opened as unknown as ModelRecipe; // it is given only batches that it made of its own examples
}

function ofSpeech({
  config,
  training,
  examples,
}: SpeechRecipe | AudioRecipe): ModelRecipe<AudioExample | PhoneExample, SpeechBatch> {
  const model = modelConfigOf(config);
  const heard = recognizerConfigOf(model);
  return {
    config,
    training,
    examples,
    batchesOf: (given, random, use) => speechBatches(given, heard, training, random, use === 'training'),
    shardPasses: training.shardPasses,
    initialWeights: () => initModel(model, Random.seeded(training.seed)),
    loss: (weights, batch, context) => speechLoss(weights, model, training, batch, context),
    validate: (weights, heldOut) => validateSpeech(weights, model, heldOut),
  };
}

function ofSequences({
  config,
  training,
  examples,
  tokenizer,
}: SequenceRecipe): ModelRecipe<SequenceExample, SequenceBatch> {
  return {
    config,
    training,
    examples,
    batchesOf: (given, random) => sequenceBatches(given, config, training, random),
    shardPasses: 1,
    initialWeights: () => initModel(config, Random.seeded(training.seed)),
    loss: (weights, batch, context) => sequenceLoss(weights, config, training, batch, context),
    validate: (weights, heldOut) => validateSequences(weights, config, heldOut),
    ...(tokenizer === undefined ? {} : { tokenizer }),
  };
}

/** The task that `train` runs for a recipe of a model. */
export function modelTask(
  recipe: ModelRecipe,
  data: {
    readonly shard: Task<unknown>['batches'];
    readonly heldOut: readonly unknown[];
    readonly save: Task<unknown>['save'];
  },
): Task<unknown> {
  const { initialWeights, loss, validate, shardPasses } = recipe;
  return {
    initialWeights,
    batches: (index) => data.shard(Math.floor(index / shardPasses)),
    loss,
    validate: (weights) => validate(weights, data.heldOut),
    save: data.save,
  };
}

/**
 * Salient recall: somewhere in a long sequence of random tokens a marker announces the one that matters; at the end the
 * model is asked for it. The first test of a memory, for only what is kept over the whole length can answer.
 */
import * as tf from '@tensorflow/tfjs-core';

import { anObject, assertFields, type Check, type Checks, integerIn, typed } from '../arguments.ts';
import { assertMemoryConfig } from '../memory/config.ts';
import type { Weights } from '../cell/cell.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { readAtEnd } from '../memory/parallel-kinds.ts';
import { writeCheckpoint } from '../model/checkpoint.ts';
import type { ModelConfig } from '../model/config.ts';
import { tokenModel } from '../model/config-migration.ts';
import { forward, initModel } from '../model/forward.ts';
import { answerLogits } from '../model/head-layers.ts';
import { Random } from '../tensor/random.ts';
import type { SequenceBatch } from './sequence-batches.ts';
import { sequenceLoss } from './sequence-task.ts';
import type { Task } from './task.ts';

/** Sequences of tokens `[B, T]` and the answers `[B]` to the question at their end. */
export type RecallBatch = { readonly tokens: Int32Array; readonly answers: Int32Array; readonly length: number };

export type SalientRecallOptions = {
  readonly memory: MemoryConfig;
  /** Number of tokens that may be the answer. */ readonly labelCount: number;
  readonly batchSize: number;
  /** Lengths of training sequences, shortest first; the first within 1.5 windows, or nothing is learnt for long. */
  readonly lengths: readonly number[];
  /** Updates after which all lengths are drawn from; before, only the shorter ones. */ readonly curriculumSteps: number;
  readonly seed: number;
  /** Lengths of held-out sequences; the error is the mean over them. */ readonly validationLengths: readonly number[];
  /** Held-out sequences of each length. */ readonly validationCount: number;
};

const areLengths: Check = typed('a list of whole numbers from 4', (value) => {
  return Array.isArray(value) && value.length > 0 && value.every((length) => Number.isInteger(length) && length >= 4);
});

const CHECKS: Checks<SalientRecallOptions> = {
  memory: anObject,
  labelCount: integerIn(1),
  batchSize: integerIn(1),
  lengths: areLengths,
  curriculumSteps: integerIn(1),
  seed: typed('a number', Number.isFinite),
  validationLengths: areLengths,
  validationCount: integerIn(1),
};

const BATCHES_PER_SHARD = 16;
/** The most held-out tokens computed in one call, so that long sequences do not fill the machine's memory. */
const TOKENS_PER_CALL = 1 << 18;

/** The configuration of the model that learns the task: two tokens more than labels, a marker and a question. */
export function salientRecallConfig({
  memory,
  labelCount,
}: Pick<SalientRecallOptions, 'memory' | 'labelCount'>): ModelConfig {
  return { ...tokenModel({ memory, labelCount, alphabetSize: labelCount + 2 }), name: 'salient-recall' };
}

/** `batchSize` sequences of `length` tokens, at least 4: labels, one marker (id `labelCount`) with its answer behind, a question. */
export function salientRecallBatch(
  { labelCount, batchSize }: Pick<SalientRecallOptions, 'labelCount' | 'batchSize'>,
  length: number,
  random: Random,
): RecallBatch {
  const tokens = Int32Array.from({ length: batchSize * length }, () => random.integer(labelCount));
  const answers = Int32Array.from({ length: batchSize }, (_, row) => {
    const marked = row * length + random.integer(length - 2);
    tokens[marked] = labelCount;
    tokens[(row + 1) * length - 1] = labelCount + 1;
    return tokens[marked + 1]!;
  });
  return { tokens, answers, length };
}

/** The task for `train`: cross-entropy of the answer, the share of wrong answers as error. Throws `option/...`. */
export function salientRecall(options: SalientRecallOptions): Task<RecallBatch> {
  assertFields('salientRecall', options, CHECKS);
  assertMemoryConfig(options.memory);
  const config = salientRecallConfig(options);
  return {
    initialWeights: () => initModel(config, Random.seeded(options.seed)),
    batches: (index) => Promise.resolve(shardOf(options, index)),
    loss: (weights, batch, context) => sequenceLoss(weights, config, NOTHING_DRAWN, sequencesOf(batch), context),
    validate: (weights) => validateRecall(weights, options),
    save: (directory, weights, provenance) =>
      writeCheckpoint(directory, { config: { ...config, training: provenance }, weights }),
  };
}

/** The loss draws nothing. */
const NOTHING_DRAWN = { dropout: 0, labelSmoothing: 0, scheduledSampling: 0 };

function sequencesOf({ tokens, answers, length }: RecallBatch): SequenceBatch {
  const labels = [...answers];
  return { inputs: tokens, lengths: labels.map(() => length), targets: [], labels, numbers: [] };
}

/** Scores of the labels after the last of `tokens`, of shape `[B, T]`; gives `[B, L]`. */
export function answersAtEnd(weights: Weights, config: ModelConfig, tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, length] = tokens.shape;
    const outputs = forward(weights, config, { inputs: tokens, lengths: new Array<number>(batch).fill(length) });
    return answerLogits(weights, readAtEnd(weights, config.memory, outputs.final, outputs));
  });
}

function shardOf(options: SalientRecallOptions, index: number): RecallBatch[] {
  const random = Random.seeded((options.seed + 7919 * (index + 1)) >>> 0);
  return Array.from({ length: BATCHES_PER_SHARD }, (_, batch) => {
    const step = index * BATCHES_PER_SHARD + batch;
    const { lengths, curriculumSteps } = options;
    const open = Math.min(lengths.length, 1 + Math.floor((lengths.length * step) / curriculumSteps));
    return salientRecallBatch(options, lengths[random.integer(open)]!, random);
  });
}

function tokensOf({ tokens, answers, length }: RecallBatch): tf.Tensor2D {
  return tf.tensor2d(tokens, [answers.length, length], 'int32');
}

/** The share of wrong answers on held-out sequences, over all lengths and at each. */
async function validateRecall(weights: Weights, options: SalientRecallOptions): Promise<{ error: number }> {
  const errors: Record<string, number> = {};
  for (const length of options.validationLengths) {
    errors[`error${length}`] = await recallError(weights, options, length, options.validationCount);
  }
  const shares = Object.values(errors);
  return { error: shares.reduce((sum, share) => sum + share, 0) / shares.length, ...errors };
}

/** The share of wrong answers among `count` sequences of `length` tokens that training never draws. */
export async function recallError(
  weights: Weights,
  options: SalientRecallOptions,
  length: number,
  count: number,
): Promise<number> {
  const random = Random.seeded((options.seed ^ 0x5eed0000) >>> 0);
  let wrong = 0;
  for (let done = 0; done < count; ) {
    const batchSize = Math.min(count - done, Math.max(1, Math.floor(TOKENS_PER_CALL / length)));
    const batch = salientRecallBatch({ ...options, batchSize }, length, random);
    const best = tf.tidy(() => tf.argMax(answersAtEnd(weights, salientRecallConfig(options), tokensOf(batch)), 1));
    const labels = await best.data();
    best.dispose();
    wrong += batch.answers.filter((answer, row) => labels[row] !== answer).length;
    done += batchSize;
  }
  return wrong / count;
}

/** What each head of a model adds to the loss. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { ctcLoss } from '../ctc/loss.ts';
import { ctcLogits } from '../ctc/head.ts';
import { unrollDecoder } from '../decoder/unroll.ts';
import type { Dropout } from '../encoder/dropout.ts';
import { readAtEnd } from '../memory/parallel-kinds.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ForwardOutputs } from '../model/forward.ts';
import { answerLogits, endOutputs } from '../model/head-layers.ts';
import { decoderOf } from '../model/heads.ts';
import type { Random } from '../tensor/random.ts';
import { smoothedCrossEntropy } from './cross-entropy.ts';

/** The truth of a batch, for the heads that there are. */
export type Truth = {
  /** All labels of each row, for CTC, counted from 1. */ readonly spelled: readonly Int32Array[];
  /** What the decoder writes of each row, counted from 1. */ readonly written: readonly Int32Array[];
  readonly labels: readonly number[];
  readonly numbers: readonly (readonly number[])[];
};

export type HeadLossOptions = {
  readonly labelSmoothing: number;
  readonly scheduledSampling: number;
  readonly dropout: Dropout;
  /** Draws the decoder's dropout and samples; none while measuring. */ readonly random?: Random;
};

/** The mean loss of every head that the model has, by its name in the log. */
export function headLosses(
  weights: Weights,
  config: ModelConfig,
  outputs: ForwardOutputs,
  lengths: readonly number[],
  truth: Truth,
  options: HeadLossOptions,
): Record<string, tf.Scalar> {
  const { ctc, decoder, answers, classifier, regression } = config.heads;
  const { dropout } = options;
  const losses: Record<string, tf.Scalar> = {};
  if (ctc !== undefined) {
    const logits = ctcLogits(weights, dropout(outputs.reads ?? outputs.vectors));
    const counts = truth.spelled.map(({ length }) => Math.max(1, length));
    const rows = ctcLoss(logits, truth.spelled, lengths);
    const possible = tf.where(tf.isFinite(rows), rows, tf.zerosLike(rows)); // some may have too few vectors for their labels
    losses['ctc'] = tf.mean<tf.Scalar>(tf.div(possible, tf.tensor1d(counts)));
  }
  if (decoder !== undefined) {
    const { entries, bias, final } = outputs;
    const targets = padded(truth.written);
    const { scheduledSampling, random, labelSmoothing } = options;
    const given = { entries, bias, final, targets, scheduledSampling, ...(random === undefined ? {} : { random }) };
    const { logits } = unrollDecoder(weights, decoderOf(decoder), given);
    losses['attention'] = smoothedCrossEntropy(logits, targets, labelSmoothing);
  }
  if (answers === undefined && classifier === undefined && regression === undefined) return losses;
  const read = readAtEnd(weights, config.memory, outputs.final, outputs);
  if (answers !== undefined) losses['answers'] = labelLoss(answerLogits(weights, read), truth.labels);
  if (classifier !== undefined) {
    losses['classifier'] = labelLoss(endOutputs(weights, 'classifier', dropout(read)), truth.labels);
  }
  if (regression !== undefined) {
    const numbers = endOutputs(weights, 'regression', dropout(read));
    losses['regression'] = tf.mean<tf.Scalar>(
      tf.square(tf.sub(numbers, tf.tensor2d(truth.numbers.map((row) => [...row])))),
    );
  }
  return losses;
}

/** Mean cross-entropy of one label a row. */
function labelLoss(logits: tf.Tensor2D, labels: readonly number[]): tf.Scalar {
  const truth = tf.oneHot(tf.tensor1d([...labels], 'int32'), logits.shape[1]);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), truth), 1)));
}

/** Label ids `[B, U]`, each row ended by zeros. */
export function padded(labels: readonly Int32Array[]): tf.Tensor2D {
  const longest = Math.max(1, ...labels.map(({ length }) => length));
  const ids = new Int32Array(labels.length * longest);
  for (const [row, each] of labels.entries()) ids.set(each, row * longest);
  return tf.tensor2d(ids, [labels.length, longest], 'int32');
}

/** What each head of a model adds to the loss. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { ctcLoss } from '../ctc/loss.ts';
import { type CtcHeadName, ctcLogits } from '../ctc/head.ts';
import { unrollDecoder } from '../decoder/unroll.ts';
import type { Dropout } from '../encoder/dropout.ts';
import { SURPRISE_SHARE } from '../encoder/surprise-encoder.ts';
import { GATE_SHARE } from '../memory/associative.ts';
import { DESCENT_SHARE } from '../memory/descent.ts';
import { readAtEnd } from '../memory/parallel-kinds.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ForwardOutputs } from '../model/forward.ts';
import { answerLogits, endOutputs } from '../model/head-layers.ts';
import { decoderOf } from '../model/heads.ts';
import type { Random } from '../tensor/random.ts';
import { choiceLoss } from './choice-loss.ts';
import { coverageLoss } from './coverage-loss.ts';
import { smoothedCrossEntropy } from './cross-entropy.ts';

/** Label ids of each row, of those rows where they are known. */
export type Known = readonly (Int32Array | undefined)[];

/** The truth of a batch, for the heads that there are. */
export type Truth = {
  /** All labels of each row, for CTC, counted from 1; none where they are not known. */ readonly spelled: Known;
  /** What the decoder writes of each row, counted from 1. */ readonly written: Known;
  /** All phones of each row, counted from 1. */ readonly phones?: Known | undefined;
  readonly labels: readonly number[];
  /** Labels of `answers` at each vector, `[B, T]`, -1 where it is not asked; absent where it is asked at the end alone. */
  readonly answers?: Int32Array | undefined;
  readonly numbers: readonly (readonly number[])[];
};

export type HeadLossOptions = {
  readonly labelSmoothing: number;
  readonly scheduledSampling: number;
  readonly dropout: Dropout;
  /** Weight of the decoder's doubly stochastic penalty; default 0. */ readonly coverage?: number | undefined;
  /** Draws the decoder's dropout and samples; none while measuring. */ readonly random?: Random;
};

/** The mean loss of every head that the model has and of which the batch holds the truth, by its name in the log. */
export function headLosses(
  weights: Weights,
  config: ModelConfig,
  outputs: ForwardOutputs,
  lengths: readonly number[],
  truth: Truth,
  options: HeadLossOptions,
): Record<string, tf.Scalar> {
  const { ctc, phones, decoder, answers, classifier, regression } = config.heads;
  const { dropout } = options;
  const losses: Record<string, tf.Scalar> = {};
  const heard = ctc === undefined ? undefined : dropout(outputs.reads ?? outputs.vectors);
  if (heard !== undefined && isKnown(truth.spelled)) {
    losses['ctc'] = spellingLoss(weights, 'head', heard, truth.spelled, lengths);
  }
  if (heard !== undefined && phones !== undefined && isKnown(truth.phones)) {
    losses['phones'] = spellingLoss(weights, 'phones', heard, truth.phones, lengths);
  }
  if (decoder !== undefined && isKnown(truth.written)) {
    const { entries, bias, final } = knownMemory(outputs, truth.written);
    const targets = padded(knownOf(truth.written));
    const { scheduledSampling, random, labelSmoothing, coverage = 0 } = options;
    const given = { entries, bias, final, targets, scheduledSampling, ...(random === undefined ? {} : { random }) };
    const { logits, alignment, choices } = unrollDecoder(weights, decoderOf(decoder), given);
    losses['attention'] = smoothedCrossEntropy(logits, targets, labelSmoothing);
    const labels = knownOf(truth.written);
    if (coverage > 0) losses['coverage'] = tf.mul(coverageLoss(alignment, labels), coverage);
    if (choices !== undefined && random !== undefined) losses['choices'] = choiceLoss(choices, logits, labels);
  }
  if (outputs.associated !== undefined) {
    losses['gate'] = tf.mul(tf.mean<tf.Scalar>(outputs.associated.gate), GATE_SHARE);
  }
  if (outputs.surprise !== undefined) {
    losses['surprise'] = tf.mul(tf.mean<tf.Scalar>(outputs.surprise), SURPRISE_SHARE);
  }
  const { reads, divergence } = outputs;
  if (truth.answers !== undefined && reads !== undefined) {
    const { places, labels } = questionsOf(truth.answers, reads.shape[0], reads.shape[1]);
    losses['answers'] = labelLoss(scoresAsked(weights, reads, places), labels);
    if (divergence !== undefined) losses['descent'] = tf.mul(meanAt(divergence, places), DESCENT_SHARE);
    return losses;
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

/** The mean CTC loss a label over the rows whose labels are known, of which there is one at least. */
function spellingLoss(
  weights: Weights,
  head: CtcHeadName,
  heard: tf.Tensor3D,
  truth: Known,
  lengths: readonly number[],
): tf.Scalar {
  const labels = knownOf(truth);
  const counts = labels.map(({ length }) => Math.max(1, length));
  const logits = ctcLogits(weights, knownRows(heard, truth), head);
  const known = lengths.filter((_, row) => truth[row] !== undefined);
  const rows = ctcLoss(logits, labels, known);
  const possible = tf.where(tf.isFinite(rows), rows, tf.zerosLike(rows)); // some may have too few vectors for their labels
  return tf.mean<tf.Scalar>(tf.div(possible, tf.tensor1d(counts)));
}

/** Whether the labels of any row are known. */
export function isKnown(truth: Known | undefined): truth is Known {
  return truth?.some((labels) => labels !== undefined) ?? false;
}

/** The labels that are known. */
export function knownOf(truth: Known): Int32Array[] {
  return truth.filter((labels) => labels !== undefined);
}

/** The rows of `tensor`, `[B, ...]`, whose labels are known: itself where all are. */
function knownRows<R extends tf.Rank>(tensor: tf.Tensor<R>, truth: Known): tf.Tensor<R> {
  const rows = truth.flatMap((labels, row) => (labels === undefined ? [] : [row]));
  return rows.length === truth.length ? tensor : tf.gather<tf.Tensor<R>>(tensor, tf.tensor1d(rows, 'int32'));
}

/** What a decoder sees of the rows whose labels are known. */
export function knownMemory(
  { entries, bias, final }: Pick<ForwardOutputs, 'entries' | 'bias' | 'final'>,
  truth: Known,
): Pick<ForwardOutputs, 'entries' | 'bias' | 'final'> {
  return { entries: knownRows(entries, truth), bias: knownRows(bias, truth), final: knownRows(final, truth) };
}

/** Where an `answers` head is asked, and the labels there. */
export type Asked = {
  /** Numbers of the rows of reads `[B, T - from, D]`, laid out one after the other. */ readonly places: readonly number[];
  readonly labels: readonly number[];
};

/** The questions of a batch of `answers`, `[B, T]` with -1 where nothing is asked, of whose vectors the last `readCount` read. */
export function questionsOf(answers: Int32Array, batch: number, readCount: number): Asked {
  const length = answers.length / batch;
  const places: number[] = [];
  const labels: number[] = [];
  for (const [place, label] of answers.entries()) {
    if (label < 0) continue;
    places.push(Math.floor(place / length) * readCount + (place % length) - (length - readCount));
    labels.push(label);
  }
  return { places, labels };
}

/** Scores of the labels at `places`, `[n, L]`. */
export function scoresAsked(weights: Weights, reads: tf.Tensor3D, places: readonly number[]): tf.Tensor2D {
  const flat = tf.reshape<tf.Rank.R2>(reads, [-1, reads.shape[2]]);
  return answerLogits(weights, tf.gather(flat, tf.tensor1d([...places], 'int32')));
}

/** The mean of `values`, `[B, Q]`, over `places`. */
function meanAt(values: tf.Tensor2D, places: readonly number[]): tf.Scalar {
  return tf.mean(tf.gather(tf.reshape<tf.Rank.R1>(values, [-1]), tf.tensor1d([...places], 'int32')));
}

/** The first place of a row at which any row of `answers`, `[B, T]` of B rows, is asked. */
export function firstAsked(answers: Int32Array | undefined, batch: number): number | undefined {
  if (answers === undefined) return undefined;
  const length = answers.length / batch;
  return answers.reduce((first, label, place) => (label < 0 ? first : Math.min(first, place % length)), length - 1);
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

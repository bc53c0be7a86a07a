/** Training a model of tokens or numbers: the sum of its heads' losses, and what share of held-out sequences it gets wrong. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { ctcLogits } from '../ctc/head.ts';
import { decodeGreedily as bestPath } from '../ctc/greedy.ts';
import { decodeGreedily } from '../decoder/greedy.ts';
import { noDropout, seededDropout } from '../encoder/dropout.ts';
import { readAtEnd } from '../memory/parallel-kinds.ts';
import type { ModelConfig } from '../model/config.ts';
import { forward, type ForwardOutputs, type SequenceInputs } from '../model/forward.ts';
import { answerLogits, endOutputs } from '../model/head-layers.ts';
import { decoderOf } from '../model/heads.ts';
import { firstAsked, headLosses, questionsOf, scoresAsked, type Truth } from './head-losses.ts';
import type { SequenceTraining } from './recipe.ts';
import type { SequenceBatch } from './sequence-batches.ts';
import type { Loss, StepContext } from './task.ts';

/** The sum of the heads' losses. */
export function sequenceLoss(
  weights: Weights,
  config: ModelConfig,
  {
    dropout: rate,
    labelSmoothing,
    scheduledSampling,
    coverage,
  }: Pick<SequenceTraining, 'dropout' | 'labelSmoothing' | 'scheduledSampling' | 'coverage'>,
  batch: SequenceBatch,
  { random }: StepContext,
): Loss {
  const dropout = seededDropout(rate, random);
  const reading = readingAllLeaves(config);
  const outputs = forward(weights, reading, inputsOf(batch), dropout);
  const options = { labelSmoothing, scheduledSampling, dropout, random, coverage };
  const parts = headLosses(weights, reading, outputs, batch.lengths, truthOf(batch), options);
  const each = Object.values(parts);
  return { total: tf.addN<tf.Scalar>(each), parts: each.length > 1 ? parts : {} };
}

/**
 * `config` with every leaf of a cold store read: which leaves are the nearest is learned by those that are not yet. Streams, and what is measured, read
 * the nearest alone.
 */
function readingAllLeaves(config: ModelConfig): ModelConfig {
  const { memory } = config;
  if (memory.kind !== 'hierarchical' || memory.cold === undefined) return config;
  const { retention, descent } = memory.cold;
  const cold = { retention, nearest: Infinity, ...(descent && { descent: { beam: Infinity } }) };
  return { ...config, memory: { ...memory, cold } };
}

function inputsOf({ inputs, lengths, answers }: SequenceBatch): SequenceInputs {
  const rows = lengths.length;
  const readsFrom = firstAsked(answers, rows);
  if (inputs instanceof Int32Array) {
    return { inputs: tf.tensor2d(inputs, [rows, inputs.length / rows], 'int32'), lengths, readsFrom };
  }
  const longest = Math.max(...lengths);
  return { inputs: tf.tensor3d(inputs, [rows, longest, inputs.length / (rows * longest)]), lengths, readsFrom };
}

function truthOf({ targets, spelled = targets, labels, numbers, answers }: SequenceBatch): Truth {
  return { spelled, written: targets, labels, numbers, answers };
}

type Figures = { readonly error: number } & Readonly<Record<string, number>>;

/**
 * `error`: the share of sequences that are wrong, written greedily (of answers within sequences: of questions); of a regression the root of the mean squared error. `loss`: the sum of the
 * heads' losses without smoothing, and without what an open gate, surprise or a walk
 * that goes astray costs. Where a model has several heads, `error` is that of the first of decoder, CTC, classifier, answers and
 * regression.
 */
export async function validateSequences(
  weights: Weights,
  config: ModelConfig,
  batches: readonly SequenceBatch[],
): Promise<Figures> {
  let [wrong, loss, count] = [0, 0, 0];
  for (const batch of batches) {
    const size = batch.lengths.length;
    const { outputs, total } = tf.tidy(() => {
      const given = forward(weights, config, inputsOf(batch));
      const options = { labelSmoothing: 0, scheduledSampling: 0, dropout: noDropout };
      const {
        gate: _,
        surprise: _surprise,
        descent: _descent,
        ...losses
      } = headLosses(weights, config, given, batch.lengths, truthOf(batch), options);
      return { outputs: given, total: tf.addN<tf.Scalar>(Object.values(losses)) };
    });
    try {
      wrong += await wrongOf(weights, config, outputs, batch);
      loss += size * ((await total.data<'float32'>())[0] ?? 0);
      count += size;
    } finally {
      tf.dispose([total, outputs]);
    }
  }
  const share = wrong / Math.max(1, count);
  const isRegression = Object.keys(config.heads).join() === 'regression';
  return { error: isRegression ? Math.sqrt(share) : share, loss: loss / Math.max(1, count) };
}

/** How many rows are wrong; of a regression the sum of squared errors. */
async function wrongOf(
  weights: Weights,
  config: ModelConfig,
  outputs: ForwardOutputs,
  batch: SequenceBatch,
): Promise<number> {
  const { decoder, ctc, classifier, answers } = config.heads;
  if (decoder !== undefined) {
    const { entries, bias, final } = outputs;
    const limit = 1 + Math.max(...batch.targets.map(({ length }) => length)); // whoever goes on beyond it is wrong
    const given = { entries, bias, final, limit };
    const decoded = await decodeGreedily(weights, decoderOf(decoder), given);
    return countWrong(batch, (row) => decoded[row]?.labels ?? []);
  }
  if (ctc !== undefined) return wrongOfCtc(weights, outputs, batch);
  if (batch.answers !== undefined && outputs.reads !== undefined) {
    return wrongOfAsked(weights, outputs.reads, batch.answers);
  }
  const scores = tf.tidy(() => {
    const read = readAtEnd(weights, config.memory, outputs.final, outputs);
    if (classifier !== undefined) return tf.argMax(endOutputs(weights, 'classifier', read), 1);
    if (answers !== undefined) return tf.argMax(answerLogits(weights, read), 1);
    return endOutputs(weights, 'regression', read);
  });
  const values = await scores.data();
  scores.dispose();
  if (classifier !== undefined || answers !== undefined) {
    return batch.labels.filter((label, row) => values[row] !== label).length;
  }
  const truth = batch.numbers.flat();
  return (
    truth.reduce((sum, number, index) => sum + (number - (values[index] ?? 0)) ** 2, 0) /
    (truth.length / batch.lengths.length)
  );
}

/** Rows times the share of their questions that are answered wrongly. */
async function wrongOfAsked(weights: Weights, reads: tf.Tensor3D, answers: Int32Array): Promise<number> {
  const [batch, readCount] = reads.shape;
  const { places, labels } = questionsOf(answers, batch, readCount);
  const best = tf.tidy(() => tf.argMax(scoresAsked(weights, reads, places), 1));
  const given = await best.data();
  best.dispose();
  return (batch * labels.filter((label, question) => given[question] !== label).length) / labels.length;
}

async function wrongOfCtc(weights: Weights, outputs: ForwardOutputs, batch: SequenceBatch): Promise<number> {
  const logits = tf.tidy(() => ctcLogits(weights, outputs.reads ?? outputs.vectors));
  const [, length, width] = logits.shape;
  const data = await logits.data<'float32'>();
  logits.dispose();
  return countWrong(batch, (row) => {
    const first = row * length * width;
    return bestPath({ data: data.subarray(first, first + (batch.lengths[row] ?? 0) * width), width }).labels;
  });
}

function countWrong({ targets }: SequenceBatch, labelsOf: (row: number) => ArrayLike<number>): number {
  return targets.filter((target, row) => Array.from(labelsOf(row)).join() !== target.join()).length;
}

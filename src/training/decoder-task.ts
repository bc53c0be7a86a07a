/**
 * Training a decoder alone, over vectors that an encoder made before: what stays as it is need not be run again, nor be differentiated.
 */
import * as tf from '@tensorflow/tfjs-core';

import { paddingBias } from '../attention/hidden.ts';
import type { Weights } from '../cell/cell.ts';
import type { DecoderConfig } from '../decoder/config.ts';
import { decodeGreedily } from '../decoder/greedy.ts';
import { unrollDecoder } from '../decoder/unroll.ts';
import { Random } from '../tensor/random.ts';
import { countErrors, type ErrorCounts, errorsIn, sumErrors } from '../text/error-rate.ts';
import { smoothedCrossEntropy } from './cross-entropy.ts';
import { padded } from './head-losses.ts';
import type { Loss, StepContext, Task } from './task.ts';
import { shuffled } from './shuffled.ts';

/** A sequence: what was encoded, and what is to be written of it. */
export type EncodedExample = {
  /** `[T, D]`: the encoder's vectors. */ readonly vectors: Float32Array;
  /** Ids of the labels, from 1. */ readonly labels: Int32Array;
};

export type DecoderTraining = {
  /** The most sequences in a batch, which are of like length. */ readonly batchSize: number;
  /** Probability mass moved from the true label to all others, 0 to below 1. */ readonly labelSmoothing: number;
  /** Probability of feeding the decoder its own last output instead of the truth, 0 to 1. */ readonly scheduledSampling: number;
  /** A loss of how long attention that stops lets wait (`averageLagging` of `hearken/losses`), and its weight beside a label's cross-entropy. */
  readonly waiting?: { readonly weight: number; readonly loss: (inputs: WaitingInputs) => tf.Scalar };
  /** Orders the examples anew in each pass. */ readonly seed: number;
};

/** Expected stops `[B, U + 1, E]`, as `unrollDecoder` gives them, and the vectors and outputs, with the end, of each row. */
export type WaitingInputs = {
  readonly stops: tf.Tensor3D;
  readonly inputLengths: readonly number[];
  readonly outputLengths: readonly number[];
};

/** Where the examples come from; each is read once. */
export type EncodedExamples = {
  readonly training: () => Promise<readonly EncodedExample[]>;
  readonly validation: () => Promise<readonly EncodedExample[]>;
};

/** Rows of like length. */
type Batch = readonly EncodedExample[];

/** Labels that a row may have beyond the most of its batch. */
const SLACK = 2;

/**
 * Batches, loss and validation of a decoder over vectors of `depth`. A shard is a pass over all examples. `error`: labels wrong of those that are
 * held out, as the decoder writes greedily, with hard stops where it stops.
 */
export function decoderTask(
  config: DecoderConfig,
  depth: number,
  training: DecoderTraining,
  examples: EncodedExamples,
): Pick<Task<Batch>, 'batches' | 'loss' | 'validate'> {
  let [known, heldOut]: [ReturnType<EncodedExamples['training']>?, ReturnType<EncodedExamples['validation']>?] = [];
  const { batchSize, seed } = training;
  return {
    batches: async (index) => {
      known ??= examples.training();
      const random = Random.seeded(seed * 1_000 + index);
      return shuffled(batchesOf(shuffled(await known, random), batchSize), random);
    },
    loss: (weights, batch, context) => decoderLoss(weights, config, { depth, batch, training }, context),
    validate: async (weights) => {
      heldOut ??= examples.validation();
      return { error: await labelErrors(weights, config, depth, batchesOf(await heldOut, batchSize)) };
    },
  };
}

function decoderLoss(
  weights: Weights,
  config: DecoderConfig,
  { depth, batch, training }: { readonly depth: number; readonly batch: Batch; readonly training: DecoderTraining },
  { random }: StepContext,
): Loss {
  const { labelSmoothing, scheduledSampling, waiting } = training;
  const targets = padded(batch.map(({ labels }) => labels));
  const given = { ...memoryOf(batch, depth), targets, scheduledSampling, random };
  const { logits, stops } = unrollDecoder(weights, config, given);
  const attention = smoothedCrossEntropy(logits, targets, labelSmoothing);
  if (stops === undefined || waiting === undefined) return { total: attention, parts: {} };
  const inputLengths = batch.map(({ vectors }) => vectors.length / depth);
  const outputLengths = batch.map(({ labels }) => labels.length + 1);
  const lagging = waiting.loss({ stops, inputLengths, outputLengths });
  return {
    total: tf.add<tf.Scalar>(attention, tf.mul(lagging, waiting.weight)),
    parts: { attention, lagging },
  };
}

async function labelErrors(
  weights: Weights,
  config: DecoderConfig,
  depth: number,
  batches: readonly Batch[],
): Promise<number> {
  const counts: ErrorCounts[] = [];
  for (const batch of batches) {
    const limit = Math.max(...batch.map(({ labels }) => labels.length)) + SLACK;
    const memory = memoryOf(batch, depth);
    const written = await decodeGreedily(weights, config, { ...memory, limit });
    tf.dispose(memory);
    for (const [row, { labels }] of batch.entries()) {
      counts.push(countErrors(Array.from(labels, String), (written[row]?.labels ?? []).map(String)));
    }
  }
  const total = sumErrors(counts);
  return errorsIn(total) / Math.max(1, total.words);
}

function memoryOf(batch: Batch, depth: number): { readonly entries: tf.Tensor3D; readonly bias: tf.Tensor2D } {
  const lengths = batch.map(({ vectors }) => vectors.length / depth);
  const longest = Math.max(...lengths);
  const data = new Float32Array(batch.length * longest * depth);
  for (const [row, { vectors }] of batch.entries()) data.set(vectors, row * longest * depth);
  return { entries: tf.tensor3d(data, [batch.length, longest, depth]), bias: paddingBias(lengths, longest) };
}

/** Rows of like length together. */
function batchesOf(examples: readonly EncodedExample[], size: number): Batch[] {
  const byLength = examples.toSorted((a, b) => a.vectors.length - b.vectors.length);
  const count = Math.ceil(byLength.length / size);
  return Array.from({ length: count }, (_, index) => byLength.slice(index * size, (index + 1) * size));
}

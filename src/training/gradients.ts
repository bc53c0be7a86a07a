/** Losses and their gradients, of one batch or of the several that make one update. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import type { Loss, Task } from './task.ts';

export type Gradients = {
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Gradients by weight name, each shaped like its weight. */ readonly gradients: HostArrays;
};

/** Position of a batch in a run; it seeds whatever the batch's loss draws. */
export type BatchPosition = {
  readonly seed: number;
  /** Number of updates before this one. */ readonly step: number;
  /** Number of the batch within the update. */ readonly index: number;
};

/** Gradients of several batches at the same weights, in the order of the batches. */
export type GradientSource<Batch> = (
  weights: HostArrays,
  batches: readonly Batch[],
  at: Pick<BatchPosition, 'seed' | 'step'>,
) => Promise<readonly Gradients[]>;

/** Takes the gradients of `loss` one batch after the other, on this thread. */
export function gradientsHere<Batch>(loss: Task<Batch>['loss']): GradientSource<Batch> {
  return async (weights, batches, at) => {
    const results: Gradients[] = [];
    for (const [index, batch] of batches.entries()) {
      results.push(await gradientsAt(loss, weights, batch, { ...at, index }));
    }
    return results;
  };
}

/** The gradients of one batch, with random numbers that depend on nothing but its position. */
export function gradientsAt<Batch>(
  loss: Task<Batch>['loss'],
  weights: HostArrays,
  batch: Batch,
  { seed, step, index }: BatchPosition,
): Promise<Gradients> {
  const random = Random.seeded((seed + 1_000_003 * (step + 1) + 7_919 * index) >>> 0);
  return gradientsOf(weights, (tensors) => loss(tensors, batch, { step, random }));
}

/** The mean of equally weighted batches, summed in their order, so that it does not depend on who was ready first. */
export function meanOf(results: readonly Gradients[]): Gradients {
  const [first, ...rest] = results as [Gradients, ...Gradients[]]; // an update has one batch at least
  if (rest.length === 0) return first;
  const share = 1 / results.length;
  const parts = new Set(results.flatMap((each) => Object.keys(each.parts)));
  const gradients = Object.entries(first.gradients).map(([name, { shape, data }]) => {
    const total = (data as Float32Array).slice();
    for (const each of rest) addInPlace(total, each.gradients[name]?.data as Float32Array); // same weights, same names
    for (let i = 0; i < total.length; i++) total[i] = total[i]! * share;
    return [name, { shape, data: total }] as const;
  });
  return {
    loss: meanOfNumbers(results.map(({ loss }) => loss)),
    parts: Object.fromEntries([...parts].map((name) => [name, meanOfNumbers(partsOf(results, name))])),
    gradients: Object.fromEntries(gradients),
  };
}

/** One part of the losses of those batches that have it: a head has none where a batch holds no truth for it. */
function partsOf(results: readonly Gradients[], name: string): number[] {
  return results.flatMap(({ parts }) => parts[name] ?? []);
}

function meanOfNumbers(values: readonly number[]): number {
  const share = 1 / values.length;
  return values.reduce((sum, value) => sum + value * share, 0);
}

function addInPlace(total: Float32Array, added: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i] = total[i]! + added[i]!;
}

/** The loss at `weights` and its gradient by every weight, read back to the host; no tensor is left behind. */
export async function gradientsOf(weights: HostArrays, lossOf: (weights: Weights) => Loss): Promise<Gradients> {
  const names = Object.keys(weights);
  const tensors = uploadWeights(weights);
  const parts: Record<string, tf.Scalar> = {};
  const run = (): tf.Scalar => {
    const loss = lossOf(tensors);
    for (const [name, part] of Object.entries(loss.parts)) parts[name] = tf.keep(tf.clone(part));
    return loss.total;
  };
  // `tf.valueAndGrads` refuses weights that the loss does not use, as a memory's upper levels in a short sequence.
  const { value, grads } = tf.engine().gradients(run, Object.values(tensors), undefined, true);
  try {
    // Asked for together: a GPU answers each question late, and all of them no later.
    const read = names.map(async (name, index): Promise<[string, HostArray]> => {
      // A weight that the loss does not use has no gradient tensor.
      const gradient = grads[index];
      const shape = weights[name]?.shape ?? [];
      const data = gradient ? await gradient.data<'float32'>() : new Float32Array(weights[name]?.data.length ?? 0);
      return [name, { shape, data }];
    });
    const readParts = Object.entries(parts).map(async ([name, part]) => [name, await scalarOf(part)] as const);
    const [gradients, partValues, loss] = await Promise.all([
      Promise.all(read),
      Promise.all(readParts),
      scalarOf(value),
    ]);
    return { loss, parts: Object.fromEntries(partValues), gradients: Object.fromEntries(gradients) };
  } finally {
    tf.dispose([value, ...grads.filter(Boolean), ...Object.values(parts), ...Object.values(tensors)]);
  }
}

async function scalarOf(tensor: tf.Tensor): Promise<number> {
  return (await tensor.data<'float32'>())[0]!;
}

/** Copies host arrays to tensors, which the caller disposes of. */
export function uploadWeights(weights: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')]),
  );
}

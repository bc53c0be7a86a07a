/** Tensors by name, place or argument, with the type of their rank: looked at once, here, and nowhere assumed. */
import type * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { weight } from './cell.ts';

type Named = Readonly<Record<string, tf.Tensor>>;

type OfRank = { 1: tf.Tensor1D; 2: tf.Tensor2D; 3: tf.Tensor3D; 4: tf.Tensor4D };

function isOfRank<R extends keyof OfRank>(tensor: tf.Tensor, rank: R): tensor is OfRank[R] {
  return tensor.rank === rank;
}

function ofRank<R extends keyof OfRank>(name: string, tensor: tf.Tensor, rank: R): OfRank[R] {
  if (isOfRank(tensor, rank)) return tensor;
  throw new HearkenError(
    'tensor/shape',
    `Expected \`${name}\` of ${rank} ${rank === 1 ? 'axis' : 'axes'}, got [${tensor.shape.join(', ')}]`,
  );
}

/** The tensor called `name`, of one axis. Throws `model/missing-tensor` or `tensor/shape`, as those below do. */
export function tensor1(tensors: Named, name: string): tf.Tensor1D {
  return ofRank(name, weight(tensors, name), 1);
}

/** The tensor called `name`, of two axes. */
export function tensor2(tensors: Named, name: string): tf.Tensor2D {
  return ofRank(name, weight(tensors, name), 2);
}

/** The tensor called `name`, of three axes. */
export function tensor3(tensors: Named, name: string): tf.Tensor3D {
  return ofRank(name, weight(tensors, name), 3);
}

/** `tensor`, which must have one axis. Throws `tensor/shape`, as those below do. */
export function ofRank1(tensor: tf.Tensor): tf.Tensor1D {
  return ofRank('tensor', tensor, 1);
}

/** `tensor`, which must have two axes. */
export function ofRank2(tensor: tf.Tensor): tf.Tensor2D {
  return ofRank('tensor', tensor, 2);
}

/** `tensor`, which must have three axes. */
export function ofRank3(tensor: tf.Tensor): tf.Tensor3D {
  return ofRank('tensor', tensor, 3);
}

/** `tensor`, which must have four axes. */
export function ofRank4(tensor: tf.Tensor): tf.Tensor4D {
  return ofRank('tensor', tensor, 4);
}

/** Tensor `index` of a list, from its end where negative. Throws `model/missing-tensor` where it has none. */
export function tensorAt<T extends tf.Tensor>(tensors: readonly T[], index: number): T {
  const tensor = tensors.at(index);
  if (tensor !== undefined) return tensor;
  throw new HearkenError('model/missing-tensor', `Expected tensor ${index} among ${tensors.length}, got none`);
}

/** A list of two tensors, for example of a split. Throws `tensor/shape` where it has another number, as those below do. */
export function pair<T extends tf.Tensor>(tensors: readonly T[]): [T, T] {
  assertCount(tensors, 2);
  return [tensorAt(tensors, 0), tensorAt(tensors, 1)];
}

/** A list of four tensors. */
export function four<T extends tf.Tensor>(tensors: readonly T[]): [T, T, T, T] {
  assertCount(tensors, 4);
  return [...pair(tensors.slice(0, 2)), ...pair(tensors.slice(2))];
}

/** What tfjs gives the function of a custom gradient: the tensors that it is called with, and last what saves some for later. */
export function customGradArguments(given: readonly (tf.Tensor | tf.GradSaveFunc)[]): {
  readonly tensors: tf.Tensor[];
  readonly save: tf.GradSaveFunc;
} {
  const tensors = given.filter((argument) => typeof argument !== 'function');
  const save = given.find((argument) => typeof argument === 'function');
  if (save === undefined) throw new HearkenError('tensor/shape', 'Expected a function that saves tensors, got none');
  return { tensors, save };
}

function assertCount(tensors: readonly tf.Tensor[], count: number): void {
  if (tensors.length === count) return;
  throw new HearkenError('tensor/shape', `Expected ${count} tensors, got ${tensors.length}`);
}

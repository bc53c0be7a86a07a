import type { Tensor } from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';

/** Throws `tensor/shape` unless `tensor` has shape `expected`, where `null` matches any size. */
export function assertShape(name: string, tensor: Pick<Tensor, 'shape'>, expected: readonly (number | null)[]): void {
  const matches =
    tensor.shape.length === expected.length &&
    expected.every((size, axis) => size === null || size === tensor.shape[axis]);
  if (!matches) {
    const wanted = expected.map((size) => size ?? '*').join(', ');
    throw new HearkenError(
      'tensor/shape',
      `Expected \`${name}\` of shape [${wanted}], got [${tensor.shape.join(', ')}]`,
    );
  }
}

/** Number of elements of an array of shape `shape`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

/** Cells of one operation each, and whether their graphs give what tfjs gives. */
import type * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

import { exportCell } from '../../src/export/export-cell.ts';
import type { Cell } from '../../src/cell/cell.ts';
import type { Axis } from '../../src/cell/tensor-spec.ts';
import { weight } from '../../src/cell/cell.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';

/** What such a cell has to work with. */
export type Given = {
  /** `[B, T, 4]` */ readonly x: tf.Tensor3D;
  /** `[B, E, 4]` */ readonly y: tf.Tensor3D;
  /** `[B, T]`, int32, 0 or 1 */ readonly ids: tf.Tensor2D;
  /** `[4, 6]` */ readonly w: tf.Tensor2D;
};
/** An operation, and the shape of what it gives. */
export type Case = readonly [what: string, output: readonly Axis[], run: (given: Given) => tf.Tensor];

export const WEIGHTS: HostArrays = {
  w: { shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, index) => Math.sin(index)) },
};

/** A cell that does nothing but `run`. */
export function cellOf(shape: readonly Axis[], run: (given: Given) => tf.Tensor): Cell {
  return {
    name: 'cell',
    inputs: {
      x: { shape: ['B', 'T', 4], dtype: 'float32' },
      y: { shape: ['B', 'E', 4], dtype: 'float32' },
      ids: { shape: ['B', 'T'], dtype: 'int32' },
    },
    outputs: { result: { shape, dtype: 'float32' } },
    // Ranks as the specs above say.
    run: (weights, inputs) => ({
      result: run({
        x: weight(inputs, 'x') as tf.Tensor3D,
        y: weight(inputs, 'y') as tf.Tensor3D,
        ids: weight(inputs, 'ids') as tf.Tensor2D,
        w: weight(weights, 'w') as tf.Tensor2D,
      }),
    }),
  };
}

/** The shape of `x`. */
export const FULL = ['B', 'T', 4] as const;
export const length = ({ x }: Given): number => x.shape[1];
export const batch = ({ x }: Given): number => x.shape[0];

/** onnxruntime agrees with tfjs, for every size that is tried. */
export async function expectAgreement(shape: readonly Axis[], run: (given: Given) => tf.Tensor): Promise<void> {
  const { worstDifference } = await exportCell(cellOf(shape, run), WEIGHTS);
  expect(worstDifference).toBeLessThan(1e-5);
}

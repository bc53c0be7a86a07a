import type { Cell } from '../cell/cell.ts';
import { createOnnxExecutor } from '../cell/onnx-executor.ts';
import { createTfjsExecutor } from '../cell/tfjs-executor.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { assertAgreement } from './agreement.ts';
import type { Precision } from './onnx-graph.ts';
import { traceCell } from './trace-cell.ts';

export type ExportedCell = {
  /** The ONNX model file, operator set 17. */ readonly graph: Uint8Array;
  /** Largest difference from tfjs over the trials, as a share of the largest number in an output where that is above 1. */
  readonly worstDifference: number;
};

export type ExportCellOptions = {
  /**
   * What the graph computes in; `float16` is mixed precision: weights and the products with them in half, the rest, inputs and
   * outputs in single. Default `float32`.
   */
  readonly precision?: Precision | undefined;
};

/**
 * Traces `cell` to ONNX and holds the graph, as onnxruntime runs it on the processor, against tfjs on its current backend.
 * Throws as `traceCell` and `assertAgreement` do: a graph that disagrees is never given out.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { attentionCells, defineMechanism } from 'hearken/attention';
 * import { exportCell } from 'hearken/training';
 *
 * // A mechanism of one's own: shares by how near an entry's first number is to the query's.
 * const nearest = defineMechanism({
 *   init: () => ({ sharpness: { shape: [1], data: Float32Array.of(4) } }),
 *   keyDepth: () => 1,
 *   keys: (_weights, entries) => tf.slice(entries, [0, 0, 0], [entries.shape[0], entries.shape[1], 1]),
 *   align: ({ sharpness }, query, { keys, bias }) => {
 *     const gaps = tf.sub(tf.squeeze<tf.Tensor2D>(keys, [2]), tf.slice(query, [0, 0], [query.shape[0], 1]));
 *     return { alignment: tf.softmax(tf.add<tf.Tensor2D>(tf.mul(tf.neg(tf.square(gaps)), sharpness), bias)) };
 *   },
 * });
 * for (const cell of attentionCells(nearest, { queryDepth: 3, memoryDepth: 2, attentionUnits: 1 })) {
 *   const { graph, worstDifference } = await exportCell(cell, {
 *     'attention.sharpness': { shape: [1], data: Float32Array.of(4) },
 *   });
 *   console.log(cell.name, graph.length > 100, worstDifference < 1e-5); // `${cell.name}.onnx`, for any onnxruntime
 * }
 * // => prepare true true
 * // => attend true true
 * ```
 */
export async function exportCell(
  cell: Cell,
  weights: HostArrays,
  { precision = 'float32' }: ExportCellOptions = {},
): Promise<ExportedCell> {
  const graph = await traceCell(cell, weights, precision);
  await using tested = await createOnnxExecutor(new Map([[cell.name, graph]]));
  await using reference = createTfjsExecutor([cell], weights);
  return { graph, worstDifference: await assertAgreement(cell, tested, reference, precision) };
}

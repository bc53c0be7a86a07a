import type { Cell } from '../cell/cell.ts';
import { createOnnxExecutor } from '../cell/onnx-executor.ts';
import { createTfjsExecutor } from '../cell/tfjs-executor.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { assertAgreement } from './agreement.ts';
import { traceCell } from './trace-cell.ts';

export type ExportedCell = {
  /** The ONNX model file, operator set 17. */ readonly graph: Uint8Array;
  /** Largest difference from tfjs over the trials. */ readonly worstDifference: number;
};

/**
 * Traces `cell` to ONNX and holds the graph, as onnxruntime runs it, against tfjs on its current backend.
 * Throws as `traceCell` and `assertAgreement` do: a graph that disagrees is never given out.
 */
export async function exportCell(cell: Cell, weights: HostArrays): Promise<ExportedCell> {
  const graph = await traceCell(cell, weights);
  await using tested = await createOnnxExecutor(new Map([[cell.name, graph]]));
  await using reference = createTfjsExecutor([cell], weights);
  return { graph, worstDifference: await assertAgreement(cell, tested, reference) };
}

/** How far a GPU's numbers are from the processor's: every cell of the models that come with graphs, on random inputs. */
import { drawInputs } from '../../src/cell/draw-inputs.ts';
import { graphsOf } from '../../src/cell/graph-files.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import type { OnnxDevice } from '../../src/cell/onnx-device.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { exportedModels, graphsFolder } from './exported-models.ts';

export type ParityRow = {
  /** `MODEL/CELL`. */ readonly cell: string;
  /** The largest difference of an output, of the largest number in it. */ readonly worst: number;
};

/** Streams, steps, queries and entries of the memory of a call. */
const SIZES = { B: 8, T: 3, Q: 3, E: 9 };

export async function measureParity(
  device: OnnxDevice,
  models: readonly string[] | undefined,
  hasTime: () => boolean,
): Promise<{ readonly rows: ParityRow[]; readonly notes: string[] }> {
  const rows: ParityRow[] = [];
  const notes: string[] = [];
  const random = Random.seeded(1);
  for (const model of models ?? exportedModels()) {
    const graphs = graphsFolder(model);
    await using onGpu = await createOnnxExecutor(graphs, { device });
    await using onProcessor = await createOnnxExecutor(graphs);
    for (const cell of (await graphsOf(graphs)).keys()) {
      if (!hasTime()) {
        notes.push(`no time was left to hold ${cell} of ${model} against the processor`);
        continue;
      }
      const inputs = drawInputs(await onProcessor.inputs(cell), SIZES, random);
      const worst = differenceOf(await onProcessor.run(cell, inputs), await onGpu.run(cell, inputs));
      rows.push({ cell: `${model}/${cell}`, worst });
    }
  }
  return { rows, notes };
}

/** The largest difference of an output from what is expected, of the largest number in it; infinite where one is missing, of another shape, or no number. */
export function differenceOf(expected: HostArrays, got: HostArrays): number {
  let worst = 0;
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const other = got[name];
    if (other?.shape.join() !== shape.join()) return Number.POSITIVE_INFINITY;
    let [difference, size] = [0, 0];
    for (const [index, value] of data.entries()) {
      difference = Math.max(difference, Math.abs(value - other.data[index]!));
      size = Math.max(size, Math.abs(value));
    }
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, size === 0 ? difference : difference / size);
  }
  return worst;
}

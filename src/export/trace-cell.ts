/** Traces a cell into an ONNX graph. */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import { graphOutputName } from '../cell/graph-names.ts';
import { withSizeArithmetic } from '../cell/size.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { assertShape } from '../tensor/shape.ts';
import { lettersOf, sizesOf } from './axis-letters.ts';
import type { Precision } from './onnx-graph.ts';
import { elementTypeOf, hostData, TRACE_BACKEND, TraceBackend } from './trace-backend.ts';
import { CONVOLUTION_KERNELS } from './trace-kernels-convolution.ts';
import { CREATION_KERNELS } from './trace-kernels-creation.ts';
import { ELEMENTWISE_KERNELS } from './trace-kernels-elementwise.ts';
import { FUSED_KERNELS } from './trace-kernels-fused.ts';
import { PRODUCT_KERNELS } from './trace-kernels-product.ts';
import { RECURRENCE_KERNELS } from './trace-kernels-recurrence.ts';
import { REDUCTION_KERNELS } from './trace-kernels-reduction.ts';
import { SHAPE_KERNELS } from './trace-kernels-shape.ts';

const KERNELS = {
  ...CONVOLUTION_KERNELS,
  ...CREATION_KERNELS,
  ...ELEMENTWISE_KERNELS,
  ...FUSED_KERNELS,
  ...PRODUCT_KERNELS,
  ...RECURRENCE_KERNELS,
  ...REDUCTION_KERNELS,
  ...SHAPE_KERNELS,
};

/**
 * The ONNX model file of `cell` with `weights` inside under their checkpoint names (only those that it uses), computing in `precision`.
 *
 * Throws `export/unknown-kernel` (names the operation), `export/read-back`, `export/loop` and other `export/...` errors
 * where the cell does what a graph cannot say, `export/axes` where it computes with dynamic sizes other than by `sizeSum` and its like, and `tensor/shape` where an output is not of the shape it declares.
 */
export async function traceCell(
  cell: Cell,
  weights: HostArrays,
  precision: Precision = 'float32',
): Promise<Uint8Array> {
  registerKernels();
  const backend = new TraceBackend();
  const previous = tf.getBackend();
  const { state } = tf.engine();
  const { numBytes } = state; // symbols have no bytes to be counted
  tf.registerBackend(TRACE_BACKEND, () => backend);
  try {
    await tf.setBackend(TRACE_BACKEND);
    let bytes: Uint8Array = new Uint8Array();
    tf.tidy(() => {
      bytes = withSizeArithmetic(backend.symbols, () => traceOn(backend, cell, weights, precision));
    });
    return bytes;
  } catch (error) {
    throw asExportError(error, cell);
  } finally {
    tf.removeBackend(TRACE_BACKEND);
    state.numBytes = numBytes;
    if (previous) await tf.setBackend(previous);
  }
}

function traceOn(backend: TraceBackend, cell: Cell, weights: HostArrays, precision: Precision): Uint8Array {
  const letters = new Map(lettersOf(cell).map((letter) => [letter, backend.symbols.letter(letter)]));
  const constants = Object.entries(weights).map(([name, { shape, data }]) => {
    const tensor = tf.tensor(data, [...shape]);
    backend.nameWeight(tensor, name);
    return [name, tensor] as const;
  });
  const inputs = Object.entries(cell.inputs).map(([name, { shape, dtype }]) => {
    const placeholder = backend.placeholder(name, { shape: sizesOf(shape, letters), dtype });
    return [name, tf.engine().makeTensorFromTensorInfo(placeholder, backend)] as const;
  });
  const results = cell.run(Object.fromEntries(constants), Object.fromEntries(inputs));
  const outputs = Object.entries(cell.outputs).map(([name, { shape, dtype }]) => {
    const result = results[name];
    if (result === undefined) {
      throw new HearkenError('export/output', `Expected cell \`${cell.name}\` to give output \`${name}\`, got none`);
    }
    assertShape(
      `${cell.name}.${name}`,
      result,
      shape.map((axis) => (typeof axis === 'number' ? axis : (letters.get(axis) ?? null))),
    );
    if (result.dtype !== dtype) {
      throw new HearkenError(
        'export/output',
        `Expected \`${cell.name}.${name}\` of type ${dtype}, got ${result.dtype}`,
      );
    }
    return { name: graphOutputName(name), shape, type: elementTypeOf(dtype), value: backend.nameOf(result) };
  });
  const ports = Object.entries(cell.inputs).map(([name, { shape, dtype }]) => ({
    name,
    shape,
    type: elementTypeOf(dtype),
  }));
  return backend.graph.encode(cell.name, ports, outputs, precision);
}

/** tfjs keeps kernels per backend name, for the life of the process. */
function registerKernels(): void {
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    if (tf.getKernel(kernelName, TRACE_BACKEND) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => kernel({ inputs, attrs, trace: backend as TraceBackend }),
    });
  }
}

function asExportError(error: unknown, cell: Cell): unknown {
  if (error instanceof RangeError) return hostData(error); // an array as long as a symbol
  const [, kernel] = (error instanceof Error && /Kernel '(\w+)' not registered/.exec(error.message)) || [];
  if (kernel === undefined) return error;
  return new HearkenError(
    'export/unknown-kernel',
    `Expected cell \`${cell.name}\` to use kernels that can be exported, got \`${kernel}\``,
    { cause: error },
  );
}

/** Matrix products and recurrences. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

import { LSTM_SEQUENCE } from '../encoder/lstm.ts';
import { HearkenError } from '../errors.ts';
import type { TraceBackend } from './trace-backend.ts';
import { type BinaryInputs, traceKernel, type TraceKernels } from './trace-kernel.ts';

type LstmInputs = {
  /** `[T, B, D]` */ readonly x: TensorInfo;
  /** `[D + H, 4 H]`, gates in the order input, candidate, forget, output. */ readonly kernel: TensorInfo;
  /** `[4 H]` */ readonly bias: TensorInfo;
  /** `[B, H]` */ readonly h0: TensorInfo;
  /** `[B, H]` */ readonly c0: TensorInfo;
};

/** Places of ONNX's gates (input, output, forget, candidate) among ours (input, candidate, forget, output). */
const GATE_ORDER = [0, 3, 2, 1] as const;

export const PRODUCT_KERNELS: TraceKernels = {
  BatchMatMul: traceKernel<BinaryInputs, { transposeA: boolean; transposeB: boolean }>(({ inputs, attrs, trace }) => {
    const a = attrs.transposeA ? swapLastAxes(trace, inputs.a) : inputs.a;
    const b = attrs.transposeB ? swapLastAxes(trace, inputs.b) : inputs.b;
    const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...batch, ...a.shape.slice(-2, -1), ...b.shape.slice(-1)];
    return trace.emit('MatMul', [a, b], { shape, dtype: a.dtype });
  }),

  [LSTM_SEQUENCE]: traceKernel<LstmInputs>(({ inputs, trace }) => {
    const [length = 0, batch = 0] = inputs.x.shape;
    const units = inputs.h0.shape[1]!;
    const { dtype } = inputs.x;
    const state = { shape: [1, batch, units], dtype };
    const first = trace.integers([0]);
    const lifted = [inputs.h0, inputs.c0].map((each) => trace.emit('Unsqueeze', [each, first], state));
    const { input, recurrent, bias } = lstmWeights(trace, inputs);
    const [outputs, hidden, cell] = trace.emitMany(
      'LSTM',
      [inputs.x, input, recurrent, bias, '', ...lifted], // '': no sequence lengths
      [{ shape: [length, 1, batch, units], dtype }, state, state],
      { hidden_size: { int: units } },
    ) as [TensorInfo, TensorInfo, TensorInfo];
    return [
      trace.emit('Squeeze', [outputs, trace.integers([1])], { shape: [length, batch, units], dtype }),
      trace.emit('Squeeze', [hidden, first], { shape: [batch, units], dtype }),
      trace.emit('Squeeze', [cell, first], { shape: [batch, units], dtype }),
    ];
  }),
};

function swapLastAxes(trace: TraceBackend, x: TensorInfo): TensorInfo {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const shape = perm.map((axis) => x.shape[axis]!);
  return trace.emit('Transpose', [x], { shape, dtype: x.dtype }, { perm: { ints: perm } });
}

/** The weights as ONNX's `LSTM` wants them: `input` `[1, 4 H, D]`, `recurrent` `[1, 4 H, H]`, `bias` `[1, 8 H]`. */
function lstmWeights(trace: TraceBackend, { x, kernel, bias, h0 }: LstmInputs) {
  const depth = x.shape[2]!;
  const units = h0.shape[1]!;
  const kernelWeight = trace.constantOf(kernel);
  const biasWeight = trace.constantOf(bias);
  if (kernelWeight === undefined || biasWeight === undefined) {
    throw new HearkenError('export/lstm', 'Expected `kernel` and `bias` of an LSTM to be weights, got computed values');
  }
  const rows = (from: number, count: number): Float32Array => {
    const values = new Float32Array(4 * units * count);
    for (let column = 0; column < 4 * units; column++) {
      const source = sourceColumn(column, units);
      for (let row = 0; row < count; row++) {
        values[column * count + row] = kernelWeight.values[(from + row) * 4 * units + source]!;
      }
    }
    return values;
  };
  const gateBias = Float32Array.from({ length: 8 * units }, (_, column) =>
    column < 4 * units ? biasWeight.values[sourceColumn(column, units)]! : 0,
  );
  const add = (shape: number[], values: Float32Array, weightName: string | undefined, part: string): string =>
    trace.graph.constant({ shape, type: 'float32', values }, weightName && `${weightName}.${part}`);
  return {
    input: add([1, 4 * units, depth], rows(0, depth), kernelWeight.name, 'input'),
    recurrent: add([1, 4 * units, units], rows(depth, units), kernelWeight.name, 'recurrent'),
    bias: add([1, 8 * units], gateBias, biasWeight.name, 'gates'),
  };
}

/** The column of our kernel that holds what stands in `column` of ONNX's. */
function sourceColumn(column: number, units: number): number {
  const gate = GATE_ORDER[Math.floor(column / units)]!;
  return gate * units + (column % units);
}

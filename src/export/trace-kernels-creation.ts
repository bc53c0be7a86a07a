/** New tensors: from a value, from a range, from indices. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { castTo } from './trace-kernels-elementwise.ts';
import { elementTypeOf, type TraceBackend } from './trace-backend.ts';
import { traceKernel, type TraceKernels, type UnaryInputs } from './trace-kernel.ts';

type RangeAttributes = {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly dtype: DataType;
};
type OneHotAttributes = {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: DataType;
};

export const CREATION_KERNELS: TraceKernels = {
  Fill: traceKernel<object, { shape: number[]; value: number; dtype?: DataType }>(({ attrs, trace }) => {
    const { shape, value, dtype = 'float32' } = attrs;
    return fill(trace, shape, value, dtype);
  }),
  ZerosLike: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => fill(trace, x.shape, 0, x.dtype)),
  OnesLike: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => fill(trace, x.shape, 1, x.dtype)),
  Range: traceKernel<object, RangeAttributes>(({ attrs: { start, stop, step, dtype }, trace }) => {
    const isSymbolic = trace.symbols.isSymbol(start) || trace.symbols.isSymbol(stop);
    if (![start, stop, step].every(Number.isInteger) || (isSymbolic && step !== 1)) {
      throw new HearkenError(
        'export/attribute',
        `Expected a range of integers, of dynamic length by 1, got ${start}..${stop} by ${step}`,
      );
    }
    const scalars = [start, stop, step].map((bound) => {
      const spec: { shape: number[]; dtype: DataType } = { shape: [], dtype: 'int32' }; // int64 in the graph
      return trace.emit('Squeeze', [trace.sizes([bound]), trace.integers([0])], spec);
    });
    const length = isSymbolic ? trace.difference(stop, start) : Math.max(0, Math.ceil((stop - start) / step));
    const output = { shape: [length], dtype };
    return trace.emit('Cast', [trace.emit('Range', scalars, output)], output, castTo(elementTypeOf(dtype)));
  }),
  OneHot: traceKernel<{ indices: TensorInfo }, OneHotAttributes>(({ inputs: { indices }, attrs, trace }) => {
    const { depth, onValue, offValue, dtype } = attrs;
    const values = trace.graph.constant({ shape: [2], type: 'float32', values: [offValue, onValue] });
    const wide = trace.emit('Cast', [indices], indices, castTo('int64')); // onnxruntime has no OneHot of int32
    const output: { shape: number[]; dtype: DataType } = { shape: [...indices.shape, depth], dtype: 'float32' };
    const hot = trace.emit('OneHot', [wide, trace.scalar(depth, 'int64'), values], output, { axis: { int: -1 } });
    return dtype === 'float32' ? hot : trace.emit('Cast', [hot], { ...output, dtype }, castTo(elementTypeOf(dtype)));
  }),
};

function fill(trace: TraceBackend, shape: number[], value: number, dtype: DataType): TensorInfo {
  return trace.emit('Expand', [trace.scalar(value, elementTypeOf(dtype)), trace.sizes(shape)], { shape, dtype });
}

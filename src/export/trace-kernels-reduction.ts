/** Along an axis: sums, means, extremes, softmax. */
import { backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';

import { castTo } from './trace-kernels-elementwise.ts';
import { type TraceKernel, traceKernel, type TraceKernels, type UnaryInputs } from './trace-kernel.ts';

type ReductionAttributes = { readonly axis: number | number[]; readonly keepDims: boolean };
/** Max and Min name their axes otherwise than the other reductions do. */
type AnyReductionAttributes = Partial<ReductionAttributes> & { readonly reductionIndices?: number | number[] };

export const REDUCTION_KERNELS: TraceKernels = {
  Sum: traceKernel<UnaryInputs, ReductionAttributes>(({ inputs: { x }, attrs, trace }) => {
    const { axes, shape, keepdims } = reduced(x, attrs.axis, attrs.keepDims);
    if (axes.length === 0) return trace.alias(x); // no axes would mean all of them to ONNX
    return trace.emit('ReduceSum', [x, trace.integers(axes)], { shape, dtype: x.dtype }, { keepdims });
  }),
  Mean: reduction('ReduceMean'),
  Prod: reduction('ReduceProd'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Softmax: traceKernel<{ logits: TensorInfo }, { dim: number }>(({ inputs: { logits }, attrs, trace }) =>
    trace.emit('Softmax', [logits], logits, { axis: { int: attrs.dim } }),
  ),
  LogSoftmax: traceKernel<{ logits: TensorInfo }, { axis: number }>(({ inputs: { logits }, attrs, trace }) =>
    trace.emit('LogSoftmax', [logits], logits, { axis: { int: attrs.axis } }),
  ),
  Cumsum: traceKernel<UnaryInputs, { axis: number; exclusive: boolean; reverse: boolean }>(({ inputs, attrs, trace }) =>
    trace.emit('CumSum', [inputs.x, trace.scalar(attrs.axis, 'int64')], inputs.x, {
      exclusive: { int: Number(attrs.exclusive) },
      reverse: { int: Number(attrs.reverse) },
    }),
  ),
};

function reduced(x: TensorInfo, axis: number | number[], keepDims: boolean) {
  const axes = util.parseAxisParam(axis, x.shape);
  const [kept] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
  return { axes, shape, keepdims: { int: Number(keepDims) } };
}

/** Operators that take their axes as an attribute. */
function reduction(operator: string): TraceKernel {
  return traceKernel<UnaryInputs, AnyReductionAttributes>(({ inputs: { x }, attrs, trace }) => {
    const axis = attrs.axis ?? attrs.reductionIndices ?? [...x.shape.keys()];
    const { axes, shape, keepdims } = reduced(x, axis, attrs.keepDims ?? false);
    if (axes.length === 0) return trace.alias(x);
    return trace.emit(operator, [x], { shape, dtype: x.dtype }, { axes: { ints: axes }, keepdims });
  });
}

function argument(operator: string): TraceKernel {
  return traceKernel<UnaryInputs, { axis: number }>(({ inputs: { x }, attrs, trace }) => {
    const { axes, shape } = reduced(x, attrs.axis, false);
    const output: { shape: number[]; dtype: DataType } = { shape, dtype: 'int32' };
    const index = trace.emit(operator, [x], output, { axis: { int: axes[0]! }, keepdims: { int: 0 } }); // int64
    return trace.emit('Cast', [index], output, castTo('int32'));
  });
}

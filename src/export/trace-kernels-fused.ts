/**
 * Several operations as the patterns that onnxruntime knows, each of which it runs as one: `SimplifiedLayerNormalization` and `FastGelu`.
 * To any other runtime they are operators of ONNX like the rest. A cell of one vector is mostly the cost of calling its operators.
 */
import { TANH_GELU } from '../encoder/gelu.ts';
import { RMS_EPSILON, RMS_NORM } from '../encoder/rms-norm.ts';
import { traceKernel, type TraceKernels, type UnaryInputs } from './trace-kernel.ts';

export const FUSED_KERNELS: TraceKernels = {
  /** `x / sqrt(mean(x^2) + epsilon) * 1`: onnxruntime's pattern ends with a gain. */
  [RMS_NORM]: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => {
    const axis = x.shape.length - 1;
    const depth = x.shape[axis]!; // rows have an axis
    const row = { shape: [...x.shape.slice(0, axis), 1], dtype: x.dtype };
    const square = trace.emit('Pow', [x, trace.scalar(2)], x);
    const mean = trace.emit('ReduceMean', [square], row, { axes: { ints: [-1] }, keepdims: { int: 1 } });
    const root = trace.emit('Sqrt', [trace.emit('Add', [mean, trace.scalar(RMS_EPSILON)], row)], row);
    const ones = new Float32Array(depth).fill(1);
    const gain = trace.graph.constant({ shape: [depth], type: 'float32', values: ones });
    return trace.emit('Mul', [trace.emit('Div', [x, root], x), gain], x);
  }),

  /** `x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))` */
  [TANH_GELU]: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => {
    const cubic = trace.emit('Mul', [trace.emit('Pow', [x, trace.scalar(3)], x), trace.scalar(0.044715)], x);
    const scaled = trace.emit('Mul', [trace.emit('Add', [x, cubic], x), trace.scalar(Math.sqrt(2 / Math.PI))], x);
    const raised = trace.emit('Add', [trace.emit('Tanh', [scaled], x), trace.scalar(1)], x);
    return trace.emit('Mul', [trace.emit('Mul', [x, trace.scalar(0.5)], x), raised], x);
  }),
};

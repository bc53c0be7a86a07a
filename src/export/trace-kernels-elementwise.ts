/** Element by element: arithmetic, activations, comparisons, choices, types. */
import { backend_util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';

import { ELEMENT_CODES, type ElementType } from './element-types.ts';
import { type Attributes } from './onnx-graph.ts';
import { elementTypeOf, type TraceBackend } from './trace-backend.ts';
import {
  type BinaryInputs,
  type TraceKernel,
  traceKernel,
  type TraceKernels,
  type UnaryInputs,
} from './trace-kernel.ts';

const { assertAndGetBroadcastShape: broadcast } = backend_util;

export const ELEMENTWISE_KERNELS: TraceKernels = {
  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  Cos: unary('Cos'),
  Elu: unary('Elu'),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  IsNan: unary('IsNaN', 'bool'),
  Log: unary('Log'),
  LogicalNot: unary('Not', 'bool'),
  Neg: unary('Neg'),
  Reciprocal: unary('Reciprocal'),
  Relu: unary('Relu'),
  Round: unary('Round'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Softplus: unary('Softplus'),
  Sqrt: unary('Sqrt'),
  Tanh: unary('Tanh'),

  Add: binary('Add'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Multiply: binary('Mul'),
  Pow: binary('Pow'),
  RealDiv: binary('Div'),
  Sub: binary('Sub'),

  Equal: binary('Equal', 'bool'),
  Greater: binary('Greater', 'bool'),
  GreaterEqual: binary('GreaterOrEqual', 'bool'),
  Less: binary('Less', 'bool'),
  LessEqual: binary('LessOrEqual', 'bool'),
  LogicalAnd: binary('And', 'bool'),
  LogicalOr: binary('Or', 'bool'),
  NotEqual: traceKernel<BinaryInputs>(({ inputs: { a, b }, trace }) => {
    const output = { shape: broadcast(a.shape, b.shape), dtype: 'bool' } as const;
    return trace.emit('Not', [trace.emit('Equal', [a, b], output)], output);
  }),

  Rsqrt: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) =>
    trace.emit('Reciprocal', [trace.emit('Sqrt', [x], x)], x),
  ),
  Square: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => trace.emit('Mul', [x, x], x)),
  SquaredDifference: traceKernel<BinaryInputs>(({ inputs: { a, b }, trace }) => {
    const output = { shape: broadcast(a.shape, b.shape), dtype: a.dtype };
    const difference = trace.emit('Sub', [a, b], output);
    return trace.emit('Mul', [difference, difference], output);
  }),
  Expm1: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) =>
    trace.emit('Sub', [trace.emit('Exp', [x], x), trace.scalar(1)], x),
  ),
  Log1p: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) =>
    trace.emit('Log', [trace.emit('Add', [x, trace.scalar(1)], x)], x),
  ),
  Relu6: traceKernel<UnaryInputs>(({ inputs: { x }, trace }) => clip(trace, x, 0, 6)),
  ClipByValue: traceKernel<UnaryInputs, { clipValueMin: number; clipValueMax: number }>(({ inputs, attrs, trace }) =>
    clip(trace, inputs.x, attrs.clipValueMin, attrs.clipValueMax),
  ),
  LeakyRelu: traceKernel<UnaryInputs, { alpha: number }>(({ inputs: { x }, attrs, trace }) =>
    trace.emit('LeakyRelu', [x], x, { alpha: { float: attrs.alpha } }),
  ),
  AddN: traceKernel<readonly TensorInfo[]>(({ inputs, trace }) => {
    const [first, ...others] = inputs as readonly [TensorInfo, ...TensorInfo[]]; // tfjs refuses an empty list
    // Not by `Sum`, which onnxruntime's WebGPU provider lacks: each would copy its inputs to the processor and back.
    return others.reduce((sum, each) => trace.emit('Add', [sum, each], first), trace.alias(first));
  }),
  Select: traceKernel<{ condition: TensorInfo; t: TensorInfo; e: TensorInfo }>(({ inputs, trace }) => {
    const { condition, t, e } = inputs; // tfjs broadcasts all three before the call
    return trace.emit('Where', [condition, t, e], t);
  }),

  Identity: traceKernel<UnaryInputs>(({ inputs, trace }) => trace.alias(inputs.x)),
  Cast: traceKernel<UnaryInputs, { dtype: DataType }>(({ inputs, attrs, trace }) => cast(trace, inputs.x, attrs.dtype)),
};

/** `x` as `dtype`; `x` itself where it is that already. */
export function cast(trace: TraceBackend, x: TensorInfo, dtype: DataType): TensorInfo {
  if (x.dtype === dtype) return trace.alias(x);
  return trace.emit('Cast', [x], { shape: x.shape, dtype }, castTo(elementTypeOf(dtype)));
}

/** Attributes of a `Cast` node. */
export function castTo(type: ElementType): Attributes {
  return { to: { int: ELEMENT_CODES[type] } };
}

function clip(trace: TraceBackend, x: TensorInfo, minimum: number, maximum: number): TensorInfo {
  const type = elementTypeOf(x.dtype);
  return trace.emit('Clip', [x, trace.scalar(minimum, type), trace.scalar(maximum, type)], x);
}

function unary(operator: string, dtype?: DataType): TraceKernel {
  return traceKernel<UnaryInputs>(({ inputs: { x }, trace }) =>
    trace.emit(operator, [x], { shape: x.shape, dtype: dtype ?? x.dtype }),
  );
}

function binary(operator: string, dtype?: DataType): TraceKernel {
  return traceKernel<BinaryInputs>(({ inputs: { a, b }, trace }) =>
    trace.emit(operator, [a, b], { shape: broadcast(a.shape, b.shape), dtype: dtype ?? a.dtype }),
  );
}

import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { TraceBackend } from './trace-backend.ts';

/** A tfjs kernel of the tracing backend: appends nodes to `trace` and gives the tensors that they will make. */
export type TraceKernel = (call: {
  readonly inputs: unknown;
  readonly attrs: unknown;
  readonly trace: TraceBackend;
}) => TensorInfo | TensorInfo[];

/** Kernels by tfjs's names. */
export type TraceKernels = Readonly<Record<string, TraceKernel>>;

export type UnaryInputs = { readonly x: TensorInfo };
export type BinaryInputs = { readonly a: TensorInfo; readonly b: TensorInfo };

type TypedCall<Inputs, Attributes> = {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly trace: TraceBackend;
};

/** A kernel with the inputs and attributes that tfjs-core passes to kernels of its name (`kernel_names.ts` there). */
export function traceKernel<Inputs, Attributes = undefined>(
  body: (call: TypedCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): TraceKernel {
  return ({ inputs, attrs, trace }) => body({ inputs: inputs as Inputs, attrs: attrs as Attributes, trace });
}

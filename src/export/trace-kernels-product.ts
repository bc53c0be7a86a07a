/** Matrix products. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

import type { TraceBackend } from './trace-backend.ts';
import { type BinaryInputs, traceKernel, type TraceKernels } from './trace-kernel.ts';

export const PRODUCT_KERNELS: TraceKernels = {
  BatchMatMul: traceKernel<BinaryInputs, { transposeA: boolean; transposeB: boolean }>(({ inputs, attrs, trace }) => {
    const a = attrs.transposeA ? swapLastAxes(trace, inputs.a) : inputs.a;
    const b = attrs.transposeB ? swapLastAxes(trace, inputs.b) : inputs.b;
    const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...batch, ...a.shape.slice(-2, -1), ...b.shape.slice(-1)];
    return trace.emit('MatMul', [a, b], { shape, dtype: a.dtype });
  }),
};

function swapLastAxes(trace: TraceBackend, x: TensorInfo): TensorInfo {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const shape = perm.map((axis) => x.shape[axis]!);
  return trace.emit('Transpose', [x], { shape, dtype: x.dtype }, { perm: { ints: perm } });
}

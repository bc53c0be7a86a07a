import { getKernel, registerKernel, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';

import { sizeOf } from '../tensor/shape.ts';

/**
 * Gives tfjs-wasm the kernel it lacks, `UnsortedSegmentSum`: output row `segmentIds[i]` is the sum of the rows `x[i]`.
 * It is the gradient of `gather`, hence of every embedding. Does nothing where the kernel is registered already.
 */
export function registerWasmSegmentSum(): void {
  if (getKernel('UnsortedSegmentSum', 'wasm') !== undefined) return;
  registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo }; // as tfjs-core declares the kernel
      const { numSegments } = attrs as unknown as { numSegments: number };
      const host = backend as KernelBackend;
      const values = host.readSync(x.dataId) as Float32Array;
      const ids = host.readSync(segmentIds.dataId) as Int32Array;
      const rowShape = x.shape.slice(segmentIds.shape.length);
      const width = sizeOf(rowShape);
      const sums = new (x.dtype === 'int32' ? Int32Array : Float32Array)(numSegments * width);
      ids.forEach((segment, row) => {
        if (segment < 0) return; // by definition dropped
        for (let column = 0; column < width; column++) {
          const target = segment * width + column;
          sums[target] = sums[target]! + values[row * width + column]!;
        }
      });
      const shape = [numSegments, ...rowShape];
      return { dataId: host.write(sums, shape, x.dtype), shape, dtype: x.dtype };
    },
  });
}

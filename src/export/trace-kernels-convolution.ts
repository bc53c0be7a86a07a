/** Convolutions over images. tfjs has channels last, ONNX first. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { traceKernel, type TraceKernels } from './trace-kernel.ts';

type ConvolutionInputs = { readonly x: TensorInfo; readonly filter: TensorInfo };
type ConvolutionAttributes = {
  readonly strides: number | [number, number];
  readonly pad: unknown;
  readonly dataFormat: string;
  readonly dilations: number | [number, number];
};

export const CONVOLUTION_KERNELS: TraceKernels = {
  Conv2D: traceKernel<ConvolutionInputs, ConvolutionAttributes>(({ inputs: { x, filter }, attrs, trace }) => {
    if (attrs.pad !== 'valid' || attrs.dataFormat !== 'NHWC') {
      const got = `${String(attrs.pad)}, ${attrs.dataFormat}`;
      throw new HearkenError(
        'export/attribute',
        `Expected \`pad\` and \`dataFormat\` of conv2d to be valid, NHWC, got ${got}`,
      );
    }
    const [batch, height, width, channels] = x.shape as [number, number, number, number]; // as tfjs asserts
    const [rows, columns, inputs, outputs] = filter.shape as [number, number, number, number];
    const [strides, dilations] = [pairOf(attrs.strides), pairOf(attrs.dilations)];
    const { outHeight, outWidth } = backend_util.computeConv2DInfo(
      [1, height, width, channels], // sizes of the pixels are fixed, that of the batch may be a symbol
      [rows, columns, inputs, outputs],
      strides,
      dilations,
      'valid',
    );
    const { dtype } = x;
    const channelsFirst = trace.emit(
      'Transpose',
      [x],
      { shape: [batch, channels, height, width], dtype },
      { perm: { ints: [0, 3, 1, 2] } },
    );
    const kernel = trace.emit(
      'Transpose',
      [filter],
      { shape: [outputs, inputs, rows, columns], dtype },
      { perm: { ints: [3, 2, 0, 1] } },
    );
    const convolved = trace.emit(
      'Conv',
      [channelsFirst, kernel],
      { shape: [batch, outputs, outHeight, outWidth], dtype },
      { strides: { ints: strides }, dilations: { ints: dilations }, kernel_shape: { ints: [rows, columns] } },
    );
    const shape = [batch, outHeight, outWidth, outputs];
    return trace.emit('Transpose', [convolved], { shape, dtype }, { perm: { ints: [0, 2, 3, 1] } });
  }),
};

function pairOf(given: number | [number, number]): [number, number] {
  return typeof given === 'number' ? [given, given] : given;
}

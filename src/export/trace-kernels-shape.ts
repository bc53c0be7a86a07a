/** What moves elements without computing with them: reshaping, cutting, joining, gathering. */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { TraceBackend } from './trace-backend.ts';
import { traceKernel, type TraceKernels, type UnaryInputs } from './trace-kernel.ts';

/** ONNX's `Slice` reads any end past the axis as the axis's end. */
const TO_THE_END = 2 ** 31 - 1;

type AxisAttribute = { readonly axis: number };

export const SHAPE_KERNELS: TraceKernels = {
  Reshape: traceKernel<UnaryInputs, { shape: number[] }>(({ inputs: { x }, attrs, trace }) => {
    const shape = impliedShape(trace, x.shape, attrs.shape);
    if (util.arraysEqual(shape, x.shape)) return trace.alias(x);
    return trace.emit('Reshape', [x, reshapeTarget(trace, x.shape, shape)], { shape, dtype: x.dtype });
  }),
  ExpandDims: traceKernel<{ input: TensorInfo }, { dim: number }>(({ inputs: { input }, attrs, trace }) => {
    const axis = attrs.dim < 0 ? input.shape.length + attrs.dim + 1 : attrs.dim;
    return insertAxis(trace, input, axis);
  }),
  Transpose: traceKernel<UnaryInputs, { perm: number[] }>(({ inputs: { x }, attrs: { perm }, trace }) => {
    const shape = perm.map((axis) => x.shape[axis]!);
    return trace.emit('Transpose', [x], { shape, dtype: x.dtype }, { perm: { ints: perm } });
  }),

  Slice: traceKernel<UnaryInputs, { begin: number[]; size: number[] }>(({ inputs: { x }, attrs, trace }) => {
    const begin = x.shape.map((_, axis) => attrs.begin[axis] ?? 0);
    const shape = x.shape.map((size, axis) => {
      const wanted = attrs.size[axis] ?? -1;
      return wanted < 0 ? trace.difference(size, begin[axis]!) : wanted;
    });
    return slice(trace, x, begin, shape);
  }),
  SplitV: traceKernel<UnaryInputs, AxisAttribute & { numOrSizeSplits: number | number[] }>(
    ({ inputs: { x }, attrs, trace }) => {
      const [axis = 0] = util.parseAxisParam(attrs.axis, x.shape);
      const sizes = splitSizes(trace, x.shape[axis]!, attrs.numOrSizeSplits);
      const outputs = sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
      return trace.emitMany('Split', [x, trace.sizes(sizes)], outputs, { axis: { int: axis } });
    },
  ),
  Unpack: traceKernel<{ value: TensorInfo }, AxisAttribute>(({ inputs: { value }, attrs, trace }) => {
    const [axis = 0] = util.parseAxisParam(attrs.axis, value.shape);
    const count = value.shape[axis]!;
    if (trace.symbols.isSymbol(count)) throw loop();
    const part = { shape: value.shape.with(axis, 1), dtype: value.dtype };
    const parts = trace.emitMany(
      'Split',
      [value],
      Array.from({ length: count }, () => part),
      { axis: { int: axis } },
    );
    const shape = value.shape.toSpliced(axis, 1);
    return parts.map((each) => trace.emit('Squeeze', [each, trace.integers([axis])], { shape, dtype: value.dtype }));
  }),

  Concat: traceKernel<readonly TensorInfo[], AxisAttribute>(({ inputs, attrs, trace }) =>
    concat(trace, inputs, attrs.axis),
  ),
  Pack: traceKernel<readonly TensorInfo[], AxisAttribute>(({ inputs, attrs, trace }) => {
    const axis = attrs.axis < 0 ? (inputs[0]?.shape.length ?? 0) + attrs.axis + 1 : attrs.axis;
    return concat(
      trace,
      inputs.map((each) => insertAxis(trace, each, axis)),
      axis,
    );
  }),
  PadV2: traceKernel<UnaryInputs, { paddings: [number, number][]; constantValue: number }>(
    ({ inputs: { x }, attrs, trace }) => {
      const before = attrs.paddings.map(([count]) => count);
      const after = attrs.paddings.map(([, count]) => count);
      const shape = x.shape.map((size, axis) => trace.symbols.sum([size, before[axis]!, after[axis]!]));
      const value = trace.scalar(attrs.constantValue, x.dtype === 'int32' ? 'int32' : 'float32');
      return trace.emit('Pad', [x, trace.sizes([...before, ...after]), value], { shape, dtype: x.dtype });
    },
  ),
  Tile: traceKernel<UnaryInputs, { reps: number[] }>(({ inputs: { x }, attrs: { reps }, trace }) => {
    const shape = x.shape.map((size, axis) => trace.symbols.product([size, reps[axis]!]));
    return trace.emit('Tile', [x, trace.sizes(reps)], { shape, dtype: x.dtype });
  }),
  Reverse: traceKernel<UnaryInputs, { dims: number | number[] }>(({ inputs: { x }, attrs, trace }) => {
    const axes = util.parseAxisParam(attrs.dims, x.shape);
    const all = (value: number): string => trace.integers(axes.map(() => value));
    return trace.emit('Slice', [x, all(-1), all(-TO_THE_END), trace.integers(axes), all(-1)], x);
  }),
  GatherV2: traceKernel<{ x: TensorInfo; indices: TensorInfo }, AxisAttribute & { batchDims: number }>(
    ({ inputs: { x, indices }, attrs, trace }) => {
      const [axis = 0] = util.parseAxisParam(attrs.axis, x.shape);
      if (attrs.batchDims !== 0) {
        throw new HearkenError('export/attribute', `Expected \`batchDims\` of gather to be 0, got ${attrs.batchDims}`);
      }
      const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
      return trace.emit('Gather', [x, indices], { shape, dtype: x.dtype }, { axis: { int: axis } });
    },
  ),
};

/**
 * Target shape of a reshape: 0 keeps the input's size at the same axis, -1 stands for one size that follows from the
 * others, and only what is dynamic beyond that is computed while the graph runs.
 */
function reshapeTarget(trace: TraceBackend, from: readonly number[], to: readonly number[]): string {
  const target = to.map((size, axis) => (trace.symbols.isSymbol(size) && size === from[axis] ? 0 : size));
  const implied = target.findLastIndex((size) => trace.symbols.isSymbol(size));
  return trace.sizes(implied < 0 ? target : target.with(implied, -1));
}

function slice(trace: TraceBackend, x: TensorInfo, begin: readonly number[], shape: number[]): TensorInfo {
  const axes = [...x.shape.keys()].filter((axis) => shape[axis] !== x.shape[axis]);
  if (axes.length === 0) return trace.alias(x);
  const starts = axes.map((axis) => begin[axis]!);
  const ends = axes.map((axis) => {
    const end = trace.symbols.sum([begin[axis]!, shape[axis]!]);
    return end === x.shape[axis] ? TO_THE_END : end;
  });
  const inputs = [x, trace.sizes(starts), trace.sizes(ends), trace.integers(axes)];
  return trace.emit('Slice', inputs, { shape, dtype: x.dtype });
}

function concat(trace: TraceBackend, parts: readonly TensorInfo[], at: number): TensorInfo {
  const shapes = parts.map(({ shape }) => shape);
  const [axis = 0] = util.parseAxisParam(at, shapes[0] ?? []);
  const joined = trace.symbols.sum(shapes.map((each) => each[axis]!));
  const shape = (shapes[0] ?? []).with(axis, joined);
  return trace.emit('Concat', parts, { shape, dtype: parts[0]?.dtype ?? 'float32' }, { axis: { int: axis } });
}

function insertAxis(trace: TraceBackend, x: TensorInfo, axis: number): TensorInfo {
  const shape = x.shape.toSpliced(axis, 0, 1);
  return trace.emit('Unsqueeze', [x, trace.integers([axis])], { shape, dtype: x.dtype });
}

/** `to` with the size that -1 stands for. Throws `export/axes` where the elements do not fit, at one size or another. */
function impliedShape({ symbols }: TraceBackend, from: readonly number[], to: readonly number[]): number[] {
  const implied = to.indexOf(-1);
  const elements = symbols.product(from);
  if (implied >= 0) {
    const size = symbols.quotient(elements, symbols.product(to.toSpliced(implied, 1)));
    return to.with(implied, size);
  }
  if (symbols.product(to) !== elements) {
    const wanted = to.map((size) => symbols.write(size)).join(', ');
    const got = symbols.write(elements);
    throw new HearkenError('export/axes', `Expected a shape of ${got} elements to reshape to, got [${wanted}]`);
  }
  return [...to];
}

/** The sizes of the parts; one of -1 is what the others leave. A loop over a dynamic axis would be unrolled over a symbol. */
function splitSizes(trace: TraceBackend, size: number, parts: number | readonly number[]): number[] {
  if (typeof parts === 'number') {
    if (trace.symbols.isSymbol(parts)) throw loop();
    return new Array<number>(parts).fill(trace.symbols.quotient(size, parts));
  }
  const implied = parts.indexOf(-1);
  if (implied >= 0) return parts.with(implied, trace.difference(size, trace.symbols.sum(parts.toSpliced(implied, 1))));
  if (trace.symbols.sum(parts) === size) return [...parts];
  const [wanted, got] = [size, trace.symbols.sum(parts)].map((each) => trace.symbols.write(each));
  throw new HearkenError('export/axes', `Expected parts of ${wanted} together, got ${got}`);
}

function loop(): HearkenError {
  return new HearkenError('export/loop', 'Expected splits along axes of fixed size, got one along a dynamic axis');
}

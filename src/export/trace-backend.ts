/**
 * A tfjs backend whose kernels append ONNX nodes instead of computing. Tensors have shapes (with symbols for dynamic
 * sizes) but no values, except weights and constants.
 */
import { type BackendValues, type DataId, type DataType, KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { ElementType } from './element-types.ts';
import { type Attributes, type Constant, OnnxGraph } from './onnx-graph.ts';
import type { Monomial } from './polynomial.ts';
import { SymbolicSizes } from './symbolic-sizes.ts';

/** Under this name tfjs knows the backend and its kernels. */
export const TRACE_BACKEND = 'onnx-trace';

/** Shape and type of a node's output: enough to go on tracing. */
export type TracedSpec = { readonly shape: readonly number[]; readonly dtype: DataType };

type Traced = {
  /** Value name in the graph; absent for a constant that no node has used yet. */
  name?: string;
  /** The checkpoint name of a weight. */
  weightName?: string;
  /** Present for weights and constants. */
  readonly values?: ArrayLike<number>;
  references: number;
};

/** One backend traces one cell. */
export class TraceBackend extends KernelBackend {
  readonly graph: OnnxGraph = new OnnxGraph();
  readonly symbols: SymbolicSizes = new SymbolicSizes();
  readonly #traced = new Map<DataId, Traced>();
  /** Axis in which each dynamic size was first seen, by its token. */
  readonly #axes = new Map<number, { readonly name: string; readonly axis: number }>();
  readonly #sizeNames = new Map<number, string>();

  /** Appends a node with one output. Inputs are tensors or names of graph values. */
  emit(
    operator: string,
    inputs: readonly (TensorInfo | string)[],
    output: TracedSpec,
    attributes?: Attributes,
  ): TensorInfo {
    const [only] = this.emitMany(operator, inputs, [output], attributes);
    return only!; // one spec in, one tensor out
  }

  emitMany(
    operator: string,
    inputs: readonly (TensorInfo | string)[],
    outputs: readonly TracedSpec[],
    attributes?: Attributes,
  ): TensorInfo[] {
    const inputNames = inputs.map((input) => (typeof input === 'string' ? input : this.nameOf(input)));
    const names = this.graph.node(operator, inputNames, attributes, outputs.length);
    return outputs.map((output, index) => this.#track(names[index] ?? '', output));
  }

  /** A graph input. */
  placeholder(name: string, spec: TracedSpec): TensorInfo {
    return this.#track(name, spec);
  }

  /** Makes another tensor with the same values. */
  alias(tensor: TensorInfo): TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
  }

  /** Gives a weight its checkpoint name, which it has in the graph too. */
  nameWeight(tensor: TensorInfo, name: string): void {
    this.#of(tensor.dataId).weightName = name;
  }

  /** The checkpoint name and the values of a weight or constant, or `undefined` for what is known only when the graph runs. */
  constantOf(tensor: TensorInfo): { readonly name?: string; readonly values: ArrayLike<number> } | undefined {
    const { values, weightName } = this.#of(tensor.dataId);
    if (values === undefined) return undefined;
    return weightName === undefined ? { values } : { values, name: weightName };
  }

  /** The graph value that holds `tensor`; a constant enters the graph when it is first used. */
  nameOf(tensor: TensorInfo): string {
    const traced = this.#of(tensor.dataId);
    traced.name ??= this.#enter(tensor, traced);
    return traced.name;
  }

  /** An `int64` vector of sizes that may depend on dynamic axes. */
  sizes(sizes: readonly number[]): string {
    if (!sizes.some((size) => this.symbols.isSymbol(size))) return this.integers(sizes);
    const parts = sizes.map((size) => this.#sizeName(size));
    return parts.length === 1 ? (parts[0] ?? '') : (this.graph.node('Concat', parts, { axis: { int: 0 } })[0] ?? '');
  }

  /** `size - less`, of sizes that may be symbols. */
  difference(size: number, less: number): number {
    return this.symbols.sum([size, this.symbols.product([-1, less])]);
  }

  /** A constant `int64` vector. */
  integers(values: readonly number[]): string {
    return this.graph.constant({ shape: [values.length], type: 'int64', values });
  }

  /** A constant scalar. */
  scalar(value: number, type: ElementType = 'float32'): string {
    return this.graph.constant({ shape: [], type, values: [value] });
  }

  override write(values: BackendValues): DataId {
    const dataId = {};
    this.move(dataId, values);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues): void {
    this.#traced.set(dataId, { values: values as ArrayLike<number>, references: 1 }); // `elementTypeOf` refuses strings
  }

  override readSync(dataId: DataId): never {
    return this.#refuseReading(dataId);
  }

  override async read(dataId: DataId): Promise<never> {
    return this.#refuseReading(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.#traced.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: DataId): void {
    this.#of(dataId).references++;
  }

  decRef(dataId: DataId): void {
    this.#of(dataId).references--;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const traced = this.#traced.get(dataId);
    if (traced !== undefined && !force && --traced.references > 0) return false;
    this.#traced.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#traced.size;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override dispose(): void {
    this.#traced.clear();
  }

  #track(name: string, { shape, dtype }: TracedSpec): TensorInfo {
    const dataId = {};
    this.#traced.set(dataId, { name, references: 1 });
    for (const [axis, size] of shape.entries()) {
      if (this.symbols.isSymbol(size) && !this.#axes.has(size)) this.#axes.set(size, { name, axis });
    }
    return { dataId, shape: [...shape], dtype };
  }

  #enter(tensor: TensorInfo, { values = [], weightName }: Traced): string {
    const type = elementTypeOf(tensor.dtype);
    if (tensor.shape.some((size) => this.symbols.isSymbol(size))) throw hostData();
    return this.graph.constant({ shape: tensor.shape, type, values }, weightName);
  }

  /** An `int64` vector of one size. */
  #sizeName(size: number): string {
    const name = this.#sizeNames.get(size) ?? this.#emitSize(size);
    this.#sizeNames.set(size, name);
    return name;
  }

  #emitSize(size: number): string {
    if (!this.symbols.isSymbol(size)) return this.integers([size]);
    const seen = this.#axes.get(size);
    if (seen !== undefined) {
      return this.#node('Shape', [seen.name], { start: { int: seen.axis }, end: { int: seen.axis + 1 } });
    }
    const [first = '', ...others] = this.symbols.polynomialOf(size).map((monomial) => this.#emitMonomial(monomial));
    return others.reduce((sum, term) => this.#node('Add', [sum, term]), first);
  }

  #emitMonomial({ letters, coefficient }: Monomial): string {
    const factors = letters.map((letter) => this.#sizeName(this.symbols.letter(letter)));
    const [first = '', ...others] =
      coefficient === 1 && letters.length > 0 ? factors : [this.integers([coefficient]), ...factors];
    return others.reduce((product, factor) => this.#node('Mul', [product, factor]), first);
  }

  #node(operator: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.graph.node(operator, inputs, attributes)[0] ?? '';
  }

  #of(dataId: DataId): Traced {
    const traced = this.#traced.get(dataId);
    if (traced === undefined) {
      throw new HearkenError(
        'export/foreign-tensor',
        'Expected tensors made while tracing, got one that was made before',
      );
    }
    return traced;
  }

  #refuseReading(dataId: DataId): never {
    const what =
      this.#traced.get(dataId)?.values === undefined ? 'a value known only when the graph runs' : 'a constant';
    throw new HearkenError(
      'export/read-back',
      `Expected the cell to compute without reading values back, got a read of ${what}`,
    );
  }
}

/** The error for a tensor of values that would need a dynamic axis. */
export function hostData(cause?: unknown): HearkenError {
  return new HearkenError(
    'export/host-data',
    'Expected data made on the host to have fixed axes, got a size known only when the graph runs; `tf.fill` and `tf.zerosLike` make tensors of any size',
    { cause },
  );
}

/** ONNX's type for `dtype`. Throws `export/type` on a type that ONNX graphs of ours do not have. */
export function elementTypeOf(dtype: DataType): Constant['type'] {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new HearkenError('export/type', `Expected tensors of type float32, int32 or bool, got ${dtype}`);
}

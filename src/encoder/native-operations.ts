/**
 * TensorFlow's operations called through tfjs-node's binding, below tfjs: fused ones that tfjs has no name for, and the small ones of a
 * recurrence, of which tfjs would make an engine's call, a tape's entry and a tensor each.
 */
import * as tf from '@tensorflow/tfjs-core';

export type OpAttribute = { readonly name: string; readonly type: number; readonly value: number | boolean };
type OutputMetadata = { readonly id: number; readonly shape: number[]; readonly dtype: number };

/**
 * The members of tfjs-node 4.22.0's backend that are used here; the package is pinned because they are not documented.
 */
type NativeBackend = {
  readonly binding: {
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_INT64: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    createTensor(shape: number[], dtype: number, values: Int32Array): number;
    deleteTensor(id: number): void;
    executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputCount: number): OutputMetadata[];
  };
  getInputTensorIds(tensors: tf.Tensor[]): number[];
  createOutputTensor(metadata: OutputMetadata): tf.Tensor;
};

/** Whether the current backend is tfjs-node's, so that `nativeBackend` gives it. */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}

export function nativeBackend(): NativeBackend {
  // `isNative` was asked first, so the backend is tfjs-node's.
  return tf.backend() as unknown as NativeBackend;
}

/** A tensor of TensorFlow's own: its number, and what is needed to make a tensor of tfjs of it. */
export type Handle = OutputMetadata;

/** Runs `use` with operations on handles; those that were made in it and are not among what it gives are deleted after it. */
export function withNativeOperations(use: (operations: NativeOperations) => readonly Handle[]): tf.Tensor[] {
  const backend = nativeBackend();
  const operations = new NativeOperations(backend);
  const kept = use(operations);
  operations.deleteAllBut(kept);
  return kept.map((handle) => backend.createOutputTensor(handle));
}

/** Float operations by name. Tensors of tfjs come in by `of`. */
class NativeOperations {
  readonly #backend: NativeBackend;
  readonly #made: number[] = [];
  readonly #float: OpAttribute;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
    this.#float = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT };
  }

  /** The handle of a tensor of tfjs, which goes on owning it. */
  of(tensor: tf.Tensor): Handle {
    const [id] = this.#backend.getInputTensorIds([tensor]);
    return { id: id!, shape: tensor.shape, dtype: this.#backend.binding.TF_FLOAT }; // one in, one out
  }

  /** An operation whose only attribute is the type of its inputs. */
  run(name: 'Mul' | 'AddV2' | 'Sub' | 'Sigmoid' | 'Tanh', ...inputs: readonly Handle[]): Handle {
    return this.#execute(name, [this.#float], inputs);
  }

  sum(...inputs: readonly Handle[]): Handle {
    return this.#execute('AddN', [this.#integer('N', inputs.length), this.#float], inputs);
  }

  /** `a b`, or `a bᵀ`. */
  product(a: Handle, b: Handle, transposeB = false): Handle {
    const { TF_ATTR_BOOL: type } = this.#backend.binding;
    const attributes = [
      { name: 'transpose_a', type, value: false },
      { name: 'transpose_b', type, value: transposeB },
    ];
    return this.#execute('MatMul', [...attributes, this.#float], [a, b]);
  }

  /** The N parts along the first axis, without it. */
  unpack(x: Handle, count: number): Handle[] {
    const attributes = [this.#integer('num', count), this.#float, this.#integer('axis', 0)];
    return this.#executeMany('Unpack', attributes, [x], count);
  }

  /** `parts` along a new first axis. */
  pack(parts: readonly Handle[]): Handle {
    return this.#execute('Pack', [this.#integer('N', parts.length), this.#float, this.#integer('axis', 0)], parts);
  }

  /** `count` equal parts of `x` along `axis`, which `integers` made. */
  parts(axis: Handle, x: Handle, count: number): Handle[] {
    return this.#executeMany('Split', [this.#integer('num_split', count), this.#float], [axis, x], count);
  }

  /** `parts` side by side along `axis`, which `integers` made. */
  concat(axis: Handle, ...parts: readonly Handle[]): Handle {
    const attributes = [this.#integer('N', parts.length), this.#float, this.#type('Tidx')];
    return this.#execute('ConcatV2', attributes, [...parts, axis]);
  }

  /** The part of `x` from `begin` of `size`, which `integers` made. */
  slice(x: Handle, begin: Handle, size: Handle): Handle {
    return this.#execute('Slice', [this.#float, this.#type('Index')], [x, begin, size]);
  }

  /** `x` so many times along each axis as `multiples`, which `integers` made, says. */
  tile(x: Handle, multiples: Handle): Handle {
    return this.#execute('Tile', [this.#float, this.#type('Tmultiples')], [x, multiples]);
  }

  integers(shape: number[], values: readonly number[]): Handle {
    const { binding } = this.#backend;
    const id = binding.createTensor(shape, binding.TF_INT32, Int32Array.from(values));
    this.#made.push(id);
    return { id, shape, dtype: binding.TF_INT32 };
  }

  deleteAllBut(kept: readonly Handle[]): void {
    const ids = new Set(kept.map(({ id }) => id));
    for (const id of this.#made) if (!ids.has(id)) this.#backend.binding.deleteTensor(id);
  }

  /** The attribute that says that places are int32. */
  #type(name: string): OpAttribute {
    const { TF_ATTR_TYPE: type, TF_INT32: value } = this.#backend.binding;
    return { name, type, value };
  }

  #integer(name: string, value: number): OpAttribute {
    return { name, type: this.#backend.binding.TF_ATTR_INT, value };
  }

  #execute(name: string, attributes: OpAttribute[], inputs: readonly Handle[]): Handle {
    return this.#executeMany(name, attributes, inputs, 1)[0]!; // one output
  }

  #executeMany(name: string, attributes: OpAttribute[], inputs: readonly Handle[], outputs: number): Handle[] {
    const ids = inputs.map(({ id }) => id);
    const made = this.#backend.binding.executeOp(name, attributes, ids, outputs);
    for (const { id } of made) this.#made.push(id);
    return made;
  }
}

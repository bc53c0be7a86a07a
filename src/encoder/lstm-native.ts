/**
 * TensorFlow's fused `BlockLSTM` and its gradient, called through tfjs-node's binding: the whole recurrence of a layer
 * is one operation, where unrolling pays about 50 us for each of some thirty operations a step.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { LstmInputs, LstmOutputs } from './lstm.ts';

type OpAttribute = { readonly name: string; readonly type: number; readonly value: number | boolean };
type OutputMetadata = { readonly id: number; readonly shape: number[]; readonly dtype: number };

/** What we use of tfjs-node 4.22.0's backend; the package is pinned because these members are not documented. */
type NativeBackend = {
  readonly binding: {
    readonly TF_FLOAT: number;
    readonly TF_INT64: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    createTensor(shape: number[], dtype: number, values: Int32Array): number;
    deleteTensor(id: number): void;
    executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputCount: number): OutputMetadata[];
  };
  getInputTensorIds(tensors: tf.Tensor[]): number[];
  createOutputTensor(metadata: OutputMetadata): tf.Tensor;
};

/** Whether the current backend can run `nativeLstm`. */
export function hasNativeLstm(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** As `lstmSequence`, on the `tensorflow` backend only; differentiable in all five inputs. */
export function nativeLstm({ inputs, kernel, bias, hidden, cell }: LstmInputs): LstmOutputs {
  const [length, batch] = inputs.shape;
  const units = hidden.shape[1];
  const both = tf.customGrad((...given) => {
    // customGrad passes the tensors it was called with and then `save`.
    const [x, w, b, h0, c0] = given as unknown as tf.Tensor[] as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const save = given[5] as unknown as tf.GradSaveFunc;
    const gates = blockLstm([x, c0, h0, w, b], length);
    const [, cells, , , , , outputs] = gates;
    save([x, w, b, h0, c0, ...gates]);
    return {
      value: tf.concat([outputs, cells], 2), // one value only may leave customGrad: [T, B, 2 H]
      gradFunc: (dy, saved) => {
        const [dOutputs, dCells] = tf.split(dy, 2, 2) as [tf.Tensor, tf.Tensor];
        return blockLstmGradient(saved, dOutputs, dCells, length);
      },
    };
  })(inputs, kernel, bias, hidden, cell) as tf.Tensor3D;
  const [outputs, cells] = tf.split(both, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  return {
    outputs,
    hidden: tf.reshape(tf.slice(outputs, [length - 1, 0, 0], [1, batch, units]), [batch, units]),
    cell: tf.reshape(tf.slice(cells, [length - 1, 0, 0], [1, batch, units]), [batch, units]),
  };
}

type Gates = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** `[i, cs, f, o, ci, co, h]`, each `[T, B, H]`. */
function blockLstm([x, c0, h0, w, b]: [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], length: number): Gates {
  const { binding } = native();
  const attributes = [
    { name: 'forget_bias', type: binding.TF_ATTR_FLOAT, value: 0 },
    { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: -1 },
    ...sharedAttributes(),
  ];
  // BlockLSTM returns exactly seven outputs.
  return execute('BlockLSTM', attributes, [x, c0, h0, w, ...peepholes(h0), b], length, 7) as Gates;
}

function blockLstmGradient(saved: tf.Tensor[], dOutputs: tf.Tensor, dCells: tf.Tensor, length: number): tf.Tensor[] {
  // In the order in which they were saved above.
  const [x, w, b, h0, c0, ...gates] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, ...Gates];
  const ordered = [x, c0, h0, w, ...peepholes(h0), b, ...gates, dCells, dOutputs];
  const gradients = execute('BlockLSTMGrad', sharedAttributes(), ordered, length, 8);
  const [dx, dc0, dh0, dw, , , , db] = gradients as [...Gates, tf.Tensor];
  return [dx, dw, db, dh0, dc0];
}

function execute(
  name: string,
  attributes: OpAttribute[],
  inputs: tf.Tensor[],
  length: number,
  outputs: number,
): tf.Tensor[] {
  const backend = native();
  // An int64 scalar travels as two int32 halves.
  const sequenceLength = backend.binding.createTensor([], backend.binding.TF_INT64, new Int32Array([length, 0]));
  try {
    const ids = [sequenceLength, ...backend.getInputTensorIds(inputs)];
    return backend.binding
      .executeOp(name, attributes, ids, outputs)
      .map((output) => backend.createOutputTensor(output));
  } finally {
    backend.binding.deleteTensor(sequenceLength);
  }
}

function sharedAttributes(): OpAttribute[] {
  const { binding } = native();
  return [
    { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false },
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  ];
}

function peepholes(hidden: tf.Tensor): tf.Tensor[] {
  const none = tf.zeros([hidden.shape[1] ?? 0]);
  return [none, none, none];
}

function native(): NativeBackend {
  // `hasNativeLstm` was asked first, so the backend is tfjs-node's.
  return tf.backend() as unknown as NativeBackend;
}

/**
 * TensorFlow's fused `BlockLSTM` and its gradient, called through tfjs-node's binding: the whole recurrence of a layer
 * is one operation, where unrolling pays about 50 us for each of some thirty operations a step.
 */
import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments, ofRank3, pair, tensorAt } from '../cell/typed-tensors.ts';
import type { LstmInputs, LstmOutputs } from './lstm.ts';
import { nativeBackend, type OpAttribute } from './native-operations.ts';

/** Computes `lstmSequence` in one kernel, on the `tensorflow` backend only; differentiable in all five inputs. */
export function nativeLstm({ inputs, kernel, bias, hidden, cell }: LstmInputs): LstmOutputs {
  const [length, batch] = inputs.shape;
  const units = hidden.shape[1];
  const both = tf.customGrad((...given) => {
    const { tensors, save } = customGradArguments(given);
    const gates = blockLstm(tensors, length);
    const [cells, outputs] = [tensorAt(gates, 1), tensorAt(gates, 6)];
    save([...tensors, ...gates]);
    return {
      value: tf.concat([outputs, cells], 2), // one value only may leave customGrad: [T, B, 2 H]
      gradFunc: (dy, saved) => {
        const [dOutputs, dCells] = pair(tf.split(dy, 2, 2));
        return blockLstmGradient(saved, dOutputs, dCells, length);
      },
    };
  })(inputs, kernel, bias, hidden, cell);
  const [outputs, cells] = pair(tf.split<tf.Tensor3D>(ofRank3(both), 2, 2));
  return {
    outputs,
    hidden: tf.reshape(tf.slice(outputs, [length - 1, 0, 0], [1, batch, units]), [batch, units]),
    cell: tf.reshape(tf.slice(cells, [length - 1, 0, 0], [1, batch, units]), [batch, units]),
  };
}

/** `[i, cs, f, o, ci, co, h]`, each `[T, B, H]`, of the inputs of `nativeLstm` in their order. */
function blockLstm(tensors: readonly tf.Tensor[], length: number): tf.Tensor[] {
  const { binding } = nativeBackend();
  const attributes = [
    { name: 'forget_bias', type: binding.TF_ATTR_FLOAT, value: 0 },
    { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: -1 },
    ...sharedAttributes(),
  ];
  const { x, w, b, h0, c0 } = inputsOf(tensors);
  return execute('BlockLSTM', attributes, [x, c0, h0, w, ...peepholes(h0), b], length, 7);
}

function blockLstmGradient(saved: tf.Tensor[], dOutputs: tf.Tensor, dCells: tf.Tensor, length: number): tf.Tensor[] {
  const { x, w, b, h0, c0 } = inputsOf(saved);
  const ordered = [x, c0, h0, w, ...peepholes(h0), b, ...saved.slice(5), dCells, dOutputs];
  const gradients = execute('BlockLSTMGrad', sharedAttributes(), ordered, length, 8); // x, c0, h0, w, three peepholes, b
  return [0, 3, 7, 2, 1].map((index) => tensorAt(gradients, index)); // in the order of the inputs
}

/** The inputs that `nativeLstm` computes from, in the order in which its gradient is asked for. */
function inputsOf(tensors: readonly tf.Tensor[]): Record<'x' | 'w' | 'b' | 'h0' | 'c0', tf.Tensor> {
  return {
    x: tensorAt(tensors, 0),
    w: tensorAt(tensors, 1),
    b: tensorAt(tensors, 2),
    h0: tensorAt(tensors, 3),
    c0: tensorAt(tensors, 4),
  };
}

function execute(
  name: string,
  attributes: OpAttribute[],
  inputs: tf.Tensor[],
  length: number,
  outputs: number,
): tf.Tensor[] {
  const backend = nativeBackend();
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
  const { binding } = nativeBackend();
  return [
    { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false },
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  ];
}

function peepholes(hidden: tf.Tensor): tf.Tensor[] {
  const none = tf.zeros([hidden.shape[1]!]);
  return [none, none, none];
}

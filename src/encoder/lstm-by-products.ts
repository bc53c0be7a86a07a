/**
 * The recurrence of `lstm.ts` by matrix products, with a gradient of its own: what does not wait for the step before is one product over
 * all T steps, forwards and backwards, and a step is left with one product and a few operations on `[B, 4 H]`.
 *
 * With the gates i, f and o, the candidate g, and y = h the outputs, backwards from step T:
 *
 *     dc_t = dc_{t+1} * f_{t+1} + dh_t * o_t * (1 - tanh^2 c_t),  dgates_t = [dc_t, dc_t, dc_t, dh_t] * slopes_t
 *     dh_{t-1} = dy_{t-1} + dgates_t W_h^T,  dW = [x; h_{t-1}]^T dgates,  dx = dgates W_x^T
 *
 * Shapes: T vectors, B batch, D input depth, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments, four, ofRank1, ofRank2, ofRank3, tensorAt } from '../cell/typed-tensors.ts';
import type { LstmInputs, LstmOutputs } from './lstm.ts';
import { type Handle, withNativeOperations } from './native-operations.ts';
import { oneStepLater } from './one-step-later.ts';

/** Computes `lstmSequence` for T of at least 1, on the `tensorflow` backend only; differentiable in all five inputs. */
export function lstmByProducts({ inputs, kernel, bias, hidden, cell }: LstmInputs): LstmOutputs {
  const [length, batch] = inputs.shape;
  const units = hidden.shape[1];
  const results = tf.customGrad((...given) => {
    const { tensors, save } = customGradArguments(given);
    const run = forwards(tensors);
    save([...tensors, run.outputs, run.cells, run.gates, run.candidates]);
    const value = tf.concat([run.outputs, tf.slice(run.cells, [length - 1, 0, 0], [1, batch, units])], 0); // [T + 1, B, H]
    return { value, gradFunc: (dy, saved) => backwards(saved, ofRank3(dy)) };
  })(inputs, kernel, bias, hidden, cell);
  const all = ofRank3(results); // one value only may leave customGrad
  const at = (step: number): tf.Tensor2D => tf.reshape(tf.slice(all, [step, 0, 0], [1, batch, units]), [batch, units]);
  return { outputs: tf.slice(all, [0, 0, 0], [length, batch, units]), hidden: at(length - 1), cell: at(length) };
}

type Run = {
  /** `[T, B, H]` */ readonly outputs: tf.Tensor3D;
  /** `[T, B, H]` */ readonly cells: tf.Tensor3D;
  /** `[T, B, 4 H]`: the logistic function of everything, the candidate's part unused. */ readonly gates: tf.Tensor3D;
  /** `[T, B, H]` */ readonly candidates: tf.Tensor3D;
};

function forwards(tensors: readonly tf.Tensor[]): Run {
  const x = ofRank3(tensorAt(tensors, 0));
  const [length, batch, depth] = x.shape;
  const [hidden, cell] = [ofRank2(tensorAt(tensors, 3)), ofRank2(tensorAt(tensors, 4))];
  const units = hidden.shape[1];
  const { input, recurrent } = kernelsOf(ofRank2(tensorAt(tensors, 1)), depth);
  const projected = tf.add(tf.matMul(tf.reshape(x, [length * batch, depth]), input), ofRank1(tensorAt(tensors, 2)));
  const steps = tf.reshape(projected, [length, batch, 4 * units]);
  const [outputs, cells, gates, candidates] = withNativeOperations((native) => {
    const [weights, lastAxis] = [native.of(recurrent), native.integers([], [1])];
    const [begin, size] = [native.integers([2], [0, units]), native.integers([2], [batch, units])];
    let [h, c] = [native.of(hidden), native.of(cell)];
    const run = native.unpack(native.of(steps), length).map((step) => {
      const sums = native.run('AddV2', step, native.product(h, weights)); // [B, 4 H]
      const logistic = native.run('Sigmoid', sums);
      const candidate = native.run('Tanh', native.slice(sums, begin, size));
      const [i, , f, o] = native.parts(lastAxis, logistic, 4);
      c = native.run('AddV2', native.run('Mul', f!, c), native.run('Mul', i!, candidate));
      h = native.run('Mul', o!, native.run('Tanh', c));
      return [h, c, logistic, candidate] as const;
    });
    return [0, 1, 2, 3].map((place) => native.pack(run.map((step) => step[place]!)));
  });
  return {
    outputs: ofRank3(outputs!), // four went out
    cells: ofRank3(cells!),
    gates: ofRank3(gates!),
    candidates: ofRank3(candidates!),
  };
}

/** The gradients of inputs, kernel, bias, hidden and cell, where `dy` is of all outputs and the last cell. */
function backwards(saved: readonly tf.Tensor[], dy: tf.Tensor3D): tf.Tensor[] {
  const x = ofRank3(tensorAt(saved, 0));
  const [length, batch, depth] = x.shape;
  const [hidden, cell] = [ofRank2(tensorAt(saved, 3)), ofRank2(tensorAt(saved, 4))];
  const outputs = ofRank3(tensorAt(saved, 5));
  const { input, recurrent } = kernelsOf(ofRank2(tensorAt(saved, 1)), depth);
  const { slopes, ofCell, forget } = slopesOf(saved.slice(6).map(ofRank3), cell);
  const [stacked, dHidden, dCell] = withNativeOperations((native) => {
    const [given, ofGates] = [native.unpack(native.of(dy), length + 1), native.unpack(native.of(slopes), length)];
    const [cellSlopes, kept] = [native.unpack(native.of(ofCell), length), native.unpack(native.of(forget), length)];
    const [weights, lastAxis] = [native.of(recurrent), native.integers([], [1])];
    const steps: Handle[] = [];
    let [dh, dCellAfter] = [given[length - 1]!, given[length]!]; // T and one more
    for (let t = length - 1; ; t--) {
      const dc = native.run('AddV2', dCellAfter, native.run('Mul', dh, cellSlopes[t]!));
      const dGates = native.run('Mul', native.concat(lastAxis, dc, dc, dc, dh), ofGates[t]!);
      steps.push(dGates);
      dCellAfter = native.run('Mul', dc, kept[t]!);
      const dHiddenBefore = native.product(dGates, weights, true);
      if (t === 0) return [native.pack(steps.toReversed()), dHiddenBefore, dCellAfter];
      dh = native.run('AddV2', given[t - 1]!, dHiddenBefore);
    }
  });
  const dGates = tf.reshape<tf.Rank.R2>(stacked!, [length * batch, -1]); // [T B, 4 H]
  const flat = tf.reshape<tf.Rank.R2>(x, [length * batch, depth]);
  const before = tf.reshape<tf.Rank.R2>(oneStepLater(hidden, outputs), [length * batch, hidden.shape[1]]);
  const dKernel = tf.concat([tf.matMul(flat, dGates, true), tf.matMul(before, dGates, true)], 0);
  const dInputs = tf.reshape(tf.matMul(dGates, input, false, true), x.shape);
  return [dInputs, dKernel, tf.sum(dGates, 0), dHidden!, dCell!];
}

type Slopes = {
  /** `[T, B, 4 H]`: what `[dc, dc, dc, dh]` of a step is multiplied by. */ readonly slopes: tf.Tensor3D;
  /** `[T, B, H]`: of the output by the cell. */ readonly ofCell: tf.Tensor3D;
  /** `[T, B, H]`: the forget gate. */ readonly forget: tf.Tensor3D;
};

/** What the gradients of a step are made of, for all steps at once; `run` is cells, gates and candidates. */
function slopesOf(run: readonly tf.Tensor3D[], first: tf.Tensor2D): Slopes {
  const [cells, gates, candidates] = [tensorAt(run, 0), tensorAt(run, 1), tensorAt(run, 2)];
  const [i, , forget, o] = four(tf.split<tf.Tensor3D>(gates, 4, 2));
  const [di, , df, dOutput] = four(tf.split<tf.Tensor3D>(tf.mul(gates, tf.sub(1, gates)), 4, 2));
  const squashed = tf.tanh(cells);
  const slopes = [
    tf.mul(candidates, di),
    tf.mul(i, tf.sub(1, tf.square(candidates))),
    tf.mul(oneStepLater(first, cells), df),
    tf.mul(squashed, dOutput),
  ];
  const ofCell = tf.mul<tf.Tensor3D>(o, tf.sub(1, tf.square(squashed)));
  return { slopes: ofRank3(tf.concat(slopes, 2)), ofCell, forget };
}

function kernelsOf(
  kernel: tf.Tensor2D,
  depth: number,
): { readonly input: tf.Tensor2D; readonly recurrent: tf.Tensor2D } {
  const [rows, width] = kernel.shape;
  return {
    input: tf.slice(kernel, [0, 0], [depth, width]),
    recurrent: tf.slice(kernel, [depth, 0], [rows - depth, width]),
  };
}

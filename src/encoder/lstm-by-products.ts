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
import { matricesOf } from './matrices-of.ts';

/** Computes `lstmSequence` for T of at least 1; differentiable in all five inputs. */
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
  let [h, c] = [ofRank2(tensorAt(tensors, 3)), ofRank2(tensorAt(tensors, 4))];
  const units = h.shape[1];
  const { input, recurrent } = kernelsOf(ofRank2(tensorAt(tensors, 1)), depth);
  const projected = tf.add(tf.matMul(tf.reshape(x, [length * batch, depth]), input), ofRank1(tensorAt(tensors, 2)));
  const run = { outputs: [] as tf.Tensor2D[], cells: [] as tf.Tensor2D[], gates: [] as tf.Tensor2D[] };
  const candidates: tf.Tensor2D[] = [];
  for (const step of matricesOf(tf.reshape(projected, [length, batch, 4 * units]))) {
    const sums = tf.add<tf.Tensor2D>(step, tf.matMul(h, recurrent)); // [B, 4 H]
    const gates = tf.sigmoid(sums);
    const candidate = tf.tanh(tf.slice(sums, [0, units], [batch, units]));
    const [i, , f, o] = four(tf.split<tf.Tensor2D>(gates, 4, 1));
    c = tf.add(tf.mul(f, c), tf.mul(i, candidate));
    h = tf.mul(o, tf.tanh(c));
    run.outputs.push(h);
    run.cells.push(c);
    run.gates.push(gates);
    candidates.push(candidate);
  }
  const stacked = (steps: tf.Tensor2D[]): tf.Tensor3D => ofRank3(tf.stack(steps));
  return {
    outputs: stacked(run.outputs),
    cells: stacked(run.cells),
    gates: stacked(run.gates),
    candidates: stacked(candidates),
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
  const given = matricesOf(dy);
  const steps: tf.Tensor2D[] = [];
  let dCell = tensorAt(given, length);
  let dHidden: tf.Tensor2D | undefined;
  for (let t = length - 1; t >= 0; t--) {
    const dOutput = tensorAt(given, t);
    const dh: tf.Tensor2D = dHidden === undefined ? dOutput : tf.add(dOutput, dHidden);
    const dc = tf.add<tf.Tensor2D>(dCell, tf.mul(dh, tensorAt(ofCell, t)));
    const dGates = tf.mul<tf.Tensor2D>(tf.concat([dc, dc, dc, dh], 1), tensorAt(slopes, t));
    steps.push(dGates);
    dCell = tf.mul(dc, tensorAt(forget, t));
    dHidden = tf.matMul(dGates, recurrent, false, true);
  }
  const dGates = tf.reshape<tf.Rank.R2>(tf.stack(steps.toReversed()), [length * batch, -1]); // [T B, 4 H]
  const flat = tf.reshape<tf.Rank.R2>(x, [length * batch, depth]);
  const before = tf.reshape<tf.Rank.R2>(oneStepLater(hidden, outputs), [length * batch, hidden.shape[1]]);
  const dKernel = tf.concat([tf.matMul(flat, dGates, true), tf.matMul(before, dGates, true)], 0);
  const dInputs = tf.reshape(tf.matMul(dGates, input, false, true), x.shape);
  return [dInputs, dKernel, tf.sum(dGates, 0), dHidden ?? tf.zerosLike(hidden), dCell];
}

type Slopes = {
  /** `[B, 4 H]` of each step: what `[dc, dc, dc, dh]` is multiplied by. */ readonly slopes: tf.Tensor2D[];
  /** `[B, H]` of each step: of the output by the cell. */ readonly ofCell: tf.Tensor2D[];
  /** `[B, H]` of each step: the forget gate. */ readonly forget: tf.Tensor2D[];
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
  return { slopes: matricesOf(ofRank3(tf.concat(slopes, 2))), ofCell: matricesOf(ofCell), forget: matricesOf(forget) };
}

/** What stood before each step: `first`, `[B, H]`, then all but the last of `steps`, `[T, B, H]`. */
function oneStepLater(first: tf.Tensor2D, steps: tf.Tensor3D): tf.Tensor3D {
  const [length, batch, units] = steps.shape;
  return tf.concat<tf.Tensor3D>([tf.expandDims(first, 0), tf.slice(steps, [0, 0, 0], [length - 1, batch, units])], 0);
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

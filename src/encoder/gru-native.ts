/**
 * The recurrence of `gru.ts` on native TensorFlow, with a gradient of its own: what does not wait for the step before is one product over all
 * T steps, and what does is a few of TensorFlow's operations, called without tfjs between them. A tape would keep some thirty
 * tensors a step, and go through as many operations of tfjs again.
 *
 * With P = h_{t-1} W_h, q = P_n + b_n and dh_t the gradient of h_t by all that follows, backwards from step T:
 *
 *     dx_n = dh (1 - z) (1 - n²),  dx_r = dx_n q r (1 - r),  dx_z = dh (h_{t-1} - n) z (1 - z)
 *     dP = [dx_r, dx_z, dx_n r],  dh_{t-1} = dy_{t-1} + dh z + dP W_hᵀ,  dW_h = Σ h_{t-1}ᵀ dP
 *
 * Gates are not kept: one product makes them again of the outputs, for all steps at once.
 *
 * Shapes: T vectors, B batch, D input depth, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments, ofRank2, ofRank3, tensorAt } from '../cell/typed-tensors.ts';
import type { GruInputs, GruOutputs } from './gru-sequence.ts';
import { withNativeOperations } from './native-operations.ts';
import { oneStepLater } from './one-step-later.ts';

/** Computes `gruSequence` for T of at least 1, on the `tensorflow` backend only; differentiable in all five inputs. */
export function nativeGru({ inputs, kernel, bias, candidateBias, hidden }: GruInputs): GruOutputs {
  const [length, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  return tf.tidy(() => {
    const inputKernel = tf.slice(kernel, [0, 0], [depth, 3 * units]);
    const hiddenKernel = tf.slice(kernel, [depth, 0], [units, 3 * units]);
    const projected = tf.add(tf.matMul(tf.reshape(inputs, [length * batch, depth]), inputKernel), bias); // [T B, 3 H]
    const outputs = recur(tf.reshape(projected, [length, batch, 3 * units]), hiddenKernel, candidateBias, hidden);
    const last = tf.slice(outputs, [length - 1, 0, 0], [1, batch, units]);
    return { outputs, hidden: tf.reshape(last, [batch, units]) };
  });
}

/** `[T, B, H]`, of the inputs' part x of the gates, `[T, B, 3 H]`. */
function recur(x: tf.Tensor3D, kernel: tf.Tensor2D, candidateBias: tf.Tensor1D, hidden: tf.Tensor2D): tf.Tensor3D {
  const run = tf.customGrad((...given) => {
    const { tensors, save } = customGradArguments(given);
    const outputs = forwards(tensors);
    save([...tensors, outputs]);
    return { value: outputs, gradFunc: (dy, saved) => backwards(saved, ofRank3(dy)) };
  });
  return ofRank3(run(x, kernel, candidateBias, hidden));
}

function forwards([x, kernel, candidateBias, hidden]: readonly tf.Tensor[]): tf.Tensor3D {
  const [length = 0, , width = 0] = x!.shape; // four tensors went in
  const units = width / 3;
  return tf.tidy(() => {
    const [gates, candidates] = tf.split(x!, [2 * units, units], 2);
    const [gateKernel, candidateKernel] = tf.split(kernel!, [2 * units, units], 1);
    const [outputs] = withNativeOperations((native) => {
      const inputGates = native.unpack(native.of(gates!), length);
      const inputCandidates = native.unpack(native.of(candidates!), length);
      const [ofGates, ofCandidates, recalledBias] = [gateKernel!, candidateKernel!, candidateBias!].map((each) =>
        native.of(each),
      );
      const lastAxis = native.integers([], [1]);
      let h = native.of(hidden!);
      const steps = inputGates.map((input, t) => {
        const sums = native.run('AddV2', input, native.product(h, ofGates!));
        const [reset, update] = native.parts(lastAxis, native.run('Sigmoid', sums), 2);
        const recalled = native.run('AddV2', native.product(h, ofCandidates!), recalledBias!);
        const candidate = native.run(
          'Tanh',
          native.run('AddV2', inputCandidates[t]!, native.run('Mul', reset!, recalled)),
        );
        h = native.run('AddV2', candidate, native.run('Mul', update!, native.run('Sub', h, candidate)));
        return h;
      });
      return [native.pack(steps)];
    });
    return ofRank3(outputs!);
  });
}

/** The gradients of x, kernel, candidate bias and hidden, of which `saved` are the tensors, and the outputs. */
function backwards(saved: readonly tf.Tensor[], dy: tf.Tensor3D): tf.Tensor[] {
  const [x, kernel] = [ofRank3(tensorAt(saved, 0)), ofRank2(tensorAt(saved, 1))];
  const [length, batch] = x.shape;
  const rows = (each: tf.Tensor): tf.Tensor2D => tf.reshape<tf.Rank.R2>(each, [length * batch, -1]);
  return tf.tidy(() => {
    const before = rows(oneStepLater(ofRank2(tensorAt(saved, 3)), ofRank3(tensorAt(saved, 4)))); //       h_{t-1}, [T B, H]
    const { slopes, reset, update } = slopesOf(rows(x), before, kernel, tensorAt(saved, 2));
    const [ofReset, ofUpdate, ofCandidate] = slopes;
    const recalled = tf.concat<tf.Tensor2D>([ofReset, ofUpdate, tf.mul(ofCandidate, reset)], 1); //                     [T B, 3 H]
    const byStep = (each: tf.Tensor2D): tf.Tensor3D => tf.reshape<tf.Rank.R3>(each, [length, batch, -1]);
    const [dOutputs, dHidden] = passBack(dy, byStep(recalled), byStep(update), kernel);
    const dh = rows(dOutputs);
    const dCandidate = tf.mul<tf.Tensor2D>(dh, ofCandidate);
    const [dReset, dUpdate] = [tf.mul<tf.Tensor2D>(dh, ofReset), tf.mul<tf.Tensor2D>(dh, ofUpdate)];
    const dRecalled = tf.mul<tf.Tensor2D>(dCandidate, reset);
    const dProduct = tf.concat([dReset, dUpdate, dRecalled], 1);
    return [
      tf.reshape(tf.concat([dReset, dUpdate, dCandidate], 1), x.shape),
      tf.matMul(before, dProduct, true),
      tf.sum(dRecalled, 0),
      dHidden,
    ];
  });
}

type Slopes = {
  /** What dh is multiplied by to give dx of reset, update and candidate: `[T B, H]` each. */
  readonly slopes: readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  readonly reset: tf.Tensor2D;
  readonly update: tf.Tensor2D;
};

function slopesOf(x: tf.Tensor2D, before: tf.Tensor2D, kernel: tf.Tensor2D, candidateBias: tf.Tensor): Slopes {
  const units = before.shape[1];
  const product = tf.matMul(before, kernel); //                                                           [T B, 3 H]
  const [inputGates, inputCandidate] = tf.split(x, [2 * units, units], 1);
  const [gateSums, candidateSum] = tf.split(product, [2 * units, units], 1);
  const gates = tf.sigmoid(tf.add(inputGates!, gateSums!));
  const [reset, update] = tf.split<tf.Tensor2D>(gates, 2, 1);
  const [resetSlope, updateSlope] = tf.split<tf.Tensor2D>(tf.mul(gates, tf.sub(1, gates)), 2, 1);
  const recalled = tf.add(candidateSum!, candidateBias);
  const candidate = tf.tanh(tf.add(inputCandidate!, tf.mul(reset!, recalled)));
  const ofCandidate = tf.mul<tf.Tensor2D>(tf.sub(1, update!), tf.sub(1, tf.square(candidate)));
  const ofReset = tf.mul<tf.Tensor2D>(ofCandidate, tf.mul(recalled, resetSlope!));
  const ofUpdate = tf.mul<tf.Tensor2D>(tf.sub(before, candidate), updateSlope!);
  return { slopes: [ofReset, ofUpdate, ofCandidate], reset: reset!, update: update! };
}

/** dh of every step, `[T, B, H]`, and of what stood before the first; `recalled` is what dh is multiplied by to give dP. */
function passBack(
  dy: tf.Tensor3D,
  recalled: tf.Tensor3D,
  update: tf.Tensor3D,
  kernel: tf.Tensor2D,
): [tf.Tensor3D, tf.Tensor2D] {
  const [length] = dy.shape;
  const [all, first] = withNativeOperations((native) => {
    const given = native.unpack(native.of(dy), length);
    const slopes = native.unpack(native.of(recalled), length);
    const kept = native.unpack(native.of(update), length);
    const weights = native.of(kernel);
    const threeTimes = native.integers([2], [1, 3]);
    const steps = [given.at(-1)!]; // T is 1 at least
    for (let t = length - 1; ; t--) {
      const dh = steps.at(-1)!;
      const dProduct = native.run('Mul', native.tile(dh, threeTimes), slopes[t]!);
      const parts = [native.run('Mul', dh, kept[t]!), native.product(dProduct, weights, true)];
      if (t === 0) return [native.pack(steps.toReversed()), native.sum(...parts)];
      steps.push(native.sum(given[t - 1]!, ...parts));
    }
  });
  return [ofRank3(all!), ofRank2(first!)];
}

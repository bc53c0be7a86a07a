/**
 * The forward-backward recursion of CTC by operations on tensors, for backends that cannot be read in the middle of a loss:
 * WebGPU gives its numbers back later only. It is the recursion of `forward-backward.ts` over all rows at once, in
 * logarithms, which float32 needs.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, equations 5 to 16.
 *
 * Shapes: B batch, T vectors, K classes (class 0 is the blank), S states of the longest path: blank, label, blank, ...
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensorAt } from '../cell/typed-tensors.ts';
import { extendWithBlanks, maySkipBlank } from './states.ts';

/** The logarithm of an impossibility: finite, for shaders may take infinities for granted to be absent. */
const IMPOSSIBLE = -1e9;
/** A class less likely than that is impossible, as a mask means it; so is a path with one. */
const LEAST = -1e8;

export type LossAndGradient = {
  /** `-log P(labels | softmax(logits))`, `[B]`; `Infinity` where no path fits. */ readonly losses: tf.Tensor1D;
  /** By `logits`, `[B, T, K]`; 0 behind a row's end and where no path fits. */ readonly gradient: tf.Tensor3D;
};

/** The paths of a batch: what stands on the host, ready for the recursion. */
type Paths = {
  /** One-hot classes of the states, `[B, K, S]`. */ readonly classes: tf.Tensor;
  /** Whether a state is on its row's path: 0, else `IMPOSSIBLE`, `[B, 1, S]`. */ readonly exists: tf.Tensor;
  /** Whether a state may be reached from two before, `[B, S]`. */ readonly skips: tf.Tensor2D;
  /** States that a path ends in, `[B, S]`. */ readonly ends: tf.Tensor2D;
  /** Before the first vector: as if in the blank that a path may start with or step over, `[B, S]`. */
  readonly before: tf.Tensor2D;
  /** 1 where a row has a vector, `[B, T]`. */ readonly inside: tf.Tensor2D;
  /** 1 at a row's last vector, `[B, T]`. */ readonly last: tf.Tensor2D;
};

/** The loss of each row and its gradient; arguments as `ctcLoss` has checked them. The caller disposes of both. */
export function ctcByTensors(
  logits: tf.Tensor3D,
  labels: readonly ArrayLike<number>[],
  frameCounts: ArrayLike<number>,
): LossAndGradient {
  return tf.tidy(() => {
    const [, frameCount, classCount] = logits.shape;
    const paths = pathsOf(labels, frameCounts, frameCount, classCount);
    const logProbabilities = tf.maximum(tf.logSoftmax(logits), LEAST); // [B, T, K]
    const emissions = tf.add(tf.matMul(logProbabilities, paths.classes), paths.exists); // [B, T, S]
    const steps = tf.unstack(emissions, 1);

    const alphas = forward(steps, paths);
    const betas = backward(steps, paths);
    const total = tf.logSumExp<tf.Tensor1D>(tf.add(tensorAt(alphas, -1), paths.ends), 1); // equation 8, [B]
    const isPossible = tf.greater(total, LEAST / 2);
    const losses = tf.where<tf.Tensor1D>(isPossible, tf.neg(total), tf.fill(total.shape, Number.POSITIVE_INFINITY));

    // How likely each state is at each vector, [B, T, S]; impossible ones give 0.
    const occupations = tf.exp(tf.sub(tf.add(tf.stack(alphas, 1), tf.stack(betas, 1)), tf.reshape(total, [-1, 1, 1])));
    const byClass = tf.matMul(occupations, paths.classes, false, true); // [B, T, K]
    const counted = tf.mul(tf.expandDims(paths.inside, 2), tf.reshape(tf.cast(isPossible, 'float32'), [-1, 1, 1]));
    const difference = tf.sub<tf.Tensor3D>(tf.softmax(logits), byClass);
    return { losses, gradient: mixed(counted, difference, tf.zerosLike(difference)) };
  });
}

/** `α_t(s)`, the logarithm of the probability of the paths that are in state s at t, for every t: `[B, S]` each. */
function forward(steps: readonly tf.Tensor[], { before, skips, inside }: Paths): tf.Tensor[] {
  const alphas: tf.Tensor[] = [];
  const insides = tf.unstack(inside, 1);
  let alpha: tf.Tensor = before;
  for (const [time, emission] of steps.entries()) {
    const reached = sumOf(alpha, moved(alpha, 1), tf.add(moved(alpha, 2), skips)); // equations 6 and 7
    alpha = mixed(tf.expandDims(insides[time]!, 1), tf.add(reached, emission), alpha); // as it was, behind a row's end
    alphas.push(alpha);
  }
  return alphas;
}

/** `β_t(s)`, the logarithm of the probability of what follows state s at t, for every t: `[B, S]` each. */
function backward(steps: readonly tf.Tensor[], { ends, skips, last }: Paths): tf.Tensor[] {
  const lasts = tf.unstack(last, 1);
  let beta: tf.Tensor = ends;
  const betas = [beta];
  for (let time = steps.length - 2; time >= 0; time--) {
    const left = tf.add(beta, steps[time + 1]!);
    const reached = sumOf(left, moved(left, -1), moved(tf.add(left, skips), -2)); // equations 10 and 11
    beta = mixed(tf.expandDims(lasts[time]!, 1), ends, reached);
    betas.push(beta);
  }
  return betas.toReversed();
}

/** `chosen` where `mask` is 1, `other` where it is 0; the mask is broadcast. */
function mixed<T extends tf.Tensor>(mask: tf.Tensor, chosen: T, other: T): T {
  return tf.where<T>(tf.cast(tf.broadcastTo(mask, chosen.shape), 'bool'), chosen, other);
}

/** The logarithm of the sum of three probabilities, state by state. */
function sumOf(...logarithms: tf.Tensor[]): tf.Tensor {
  return tf.logSumExp(tf.stack(logarithms), 0);
}

/** `x` moved by `count` states towards later ones, or earlier where it is negative; what comes in is impossible. */
function moved(x: tf.Tensor, count: number): tf.Tensor {
  const size = Math.min(Math.abs(count), x.shape[1]!);
  const kept = tf.slice(x, [0, count > 0 ? 0 : size], [-1, x.shape[1]! - size]);
  return tf.pad(kept, [[0, 0], count > 0 ? [size, 0] : [0, size]], IMPOSSIBLE);
}

function pathsOf(
  labels: readonly ArrayLike<number>[],
  frameCounts: ArrayLike<number>,
  frameCount: number,
  classCount: number,
): Paths {
  const symbols = labels.map(extendWithBlanks);
  const size = Math.max(...symbols.map(({ length }) => length));
  const rows = <Value>(value: (path: Int32Array, state: number) => Value): Value[][] =>
    symbols.map((path) => Array.from({ length: size }, (_, state) => value(path, state)));
  const allowed = (test: (path: Int32Array, state: number) => boolean): number[][] =>
    rows((path, state) => (test(path, state) ? 0 : IMPOSSIBLE));
  const times = (test: (time: number, row: number) => boolean): tf.Tensor2D =>
    tf.tensor2d(symbols.map((_, row) => Array.from({ length: frameCount }, (_each, time) => Number(test(time, row)))));
  return {
    classes: tf.transpose(
      tf.oneHot(
        tf.tensor2d(
          rows((path, state) => (state < path.length ? path[state]! : 0)), // rows end in blanks
          undefined,
          'int32',
        ),
        classCount,
        1,
        0,
        'float32',
      ),
      [0, 2, 1],
    ),
    exists: tf.expandDims(tf.tensor2d(allowed((path, state) => state < path.length)), 1),
    skips: tf.tensor2d(allowed((path, state) => state < path.length && maySkipBlank(path, state))),
    ends: tf.tensor2d(allowed((path, state) => state < path.length && state >= path.length - 2)),
    before: tf.tensor2d(allowed((_, state) => state === 0)),
    inside: times((time, row) => time < frameCounts[row]!),
    last: times((time, row) => time === frameCounts[row]! - 1),
  };
}

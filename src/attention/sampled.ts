/**
 * Hard attention: a query looks at one entry alone, drawn from the alignment that a score gives,
 *
 *     c ~ softmax(score + bias),  context = value_c,  log p(c)
 *
 * Reference: Xu et al., 2015, section 4.1, https://arxiv.org/abs/1502.03044; Williams, 1992 (the estimator),
 * https://doi.org/10.1007/BF00992696
 *
 * A choice has no gradient. `scoreFunctionLoss` of `hearken/losses` makes one of what the choice cost and of its
 * log-probability, which the state sums up over the queries.
 *
 * Departures: no term of entropy, and the choice is never replaced by the expectation at random: both are the paper's means
 * against variance, for which a loss takes a baseline here.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensor2 } from '../cell/typed-tensors.ts';
import type { Random } from '../tensor/random.ts';
import { indicator, maskedSoftmax, visibility } from './hidden.ts';
import { type AttentionMechanism, type AttentionState, defineMechanism, PER_ROW } from './mechanism.ts';
import type { ScoredAttention } from './softmax-attention.ts';

export type SampledOptions = {
  /** Whose alignment is drawn from. */ readonly attention: ScoredAttention;
  /** Draws the entries; without it the likeliest is taken, as in use. */ readonly random?: Random;
};

/**
 * Weights: those of the score. State: `logProbability` `[B, 1]`, of all choices so far, and what the score keeps. The
 * alignment is a single 1.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { dot, paddingBias, Random, sampledAttention } from 'hearken/attention';
 *
 * const values = tf.tensor3d([[[2, 0], [0, 1], [1, 0]]]);
 * const query = tf.tensor2d([[1, 0]]);
 * for (const random of [undefined, Random.seeded(4)]) {
 *   const mechanism = sampledAttention({ attention: dot, ...(random && { random }) });
 *   const prepared = mechanism.prepare({}, { values, bias: paddingBias([3], 3) });
 *   const { alignment, state } = mechanism.attend({}, query, prepared, mechanism.start(prepared));
 *   console.log(alignment.arraySync()[0].join(' '), Math.exp(state.logProbability.arraySync()[0][0]).toFixed(2));
 * }
 * // => 1 0 0 0.67
 * // => 0 0 1 0.24
 * ```
 */
export function sampledAttention({ attention, random }: SampledOptions): AttentionMechanism {
  const { init, keyDepth, keys, score, readsPreviousAlignment } = attention.scoring;
  return defineMechanism({
    init,
    keyDepth,
    keys,
    states: { ...attention.states, logProbability: PER_ROW },
    align: (weights, query, memory, state) => {
      const logits = tf.add<tf.Tensor2D>(
        score(weights, { query, keys: memory.keys, previousAlignment: state['alignment'] }),
        memory.bias,
      );
      const choice = random === undefined ? likeliest(logits, memory.bias) : drawn(logits, memory.bias, random);
      const logProbability = tf.sum(tf.mul(tf.logSoftmax(logits), choice), 1, true); // 0 in a row that sees nothing
      const sum = tf.add<tf.Tensor2D>(tensor2(state, 'logProbability'), logProbability);
      const carried: AttentionState = readsPreviousAlignment ? { alignment: choice } : {};
      return { alignment: choice, state: { ...carried, logProbability: sum } };
    },
  });
}

/** 1 at the first of the largest of what may be seen, `[B, E]`, as a constant. */
function likeliest(logits: tf.Tensor2D, bias: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.max(logits, 1, true);
  return firstOf(
    tf.mul(
      indicator(tf.sub<tf.Tensor2D>(logits, largest), (x) => tf.greaterEqual(x, 0)),
      visibility(bias),
    ),
  );
}

/** 1 at an entry drawn by its probability: the first up to which they sum to more than a uniform number. */
function drawn(logits: tf.Tensor2D, bias: tf.Tensor2D, random: Random): tf.Tensor2D {
  const places = tf.tensor2d(
    Float32Array.from({ length: logits.shape[0] }, () => random.uniform()),
    [logits.shape[0], 1],
  );
  const sums = tf.cumsum(maskedSoftmax(logits, tf.zerosLike(bias)), 1);
  // Rounding may leave the sum of a row below the number: what is seen last is taken then.
  const isReached = indicator(tf.sub<tf.Tensor2D>(sums, places), (x) => tf.greater(x, 0));
  const visible = visibility(bias);
  const isLast = tf.mul(
    visible,
    indicator(tf.cumsum(visible, 1, false, true), (x) => tf.lessEqual(x, 1)),
  );
  return firstOf(tf.mul(tf.maximum(isReached, isLast), visible));
}

/** Of the ones in a row the first. */
function firstOf(candidates: tf.Tensor2D): tf.Tensor2D {
  const passed = tf.cumsum(candidates, 1);
  return tf.mul(
    candidates,
    indicator(passed, (x) => tf.lessEqual(x, 1)),
  );
}

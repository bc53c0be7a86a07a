/**
 * Hard attention: a query looks at one entry alone, drawn from the alignment that a score gives,
 *
 *     c ~ softmax(score + bias),  context = value_c,  log p(c)
 *
 * Reference: Xu et al., 2015, section 4.1, https://arxiv.org/abs/1502.03044; Williams, 1992 (the estimator),
 * https://doi.org/10.1007/BF00992696
 *
 * A choice has no gradient. `scoreFunctionLoss` of `hearken/losses` makes one of what the choice cost, of its log-probability and of the
 * alignment's entropy, which the state sums up over the queries, and lowers its variance by a baseline. The paper's third means is here: a
 * row is given the expectation in place of a choice with probability `expected`.
 *
 * Departures: the entropy is that of the alignment, in nats, and what hides an entry hides it from the sum.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { numberIn } from '../arguments.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { Random } from '../tensor/random.ts';
import { indicator, maskedSoftmax, visibility } from './hidden.ts';
import { type AttentionMechanism, defineMechanism, PER_ROW } from './mechanism.ts';
import type { ScoredAttention } from './softmax-attention.ts';

export type SampledOptions = {
  /** Whose alignment is drawn from. */ readonly attention: ScoredAttention;
  /** Draws the entries; without it the likeliest is taken, as in use. */ readonly random?: Random;
  /**
   * Probability, 0 to 1, that a row looks at all entries by its alignment, at every query, in place of drawing one: 1/2 in the paper. Only
   * where `random` draws. Default 0.
   */
  readonly expected?: number;
};

/**
 * Weights: those of the score. State: `logProbability` `[B, 1]`, of all choices so far, `entropy` `[B, 1]`, of all alignments so far, and what the
 * score keeps; with `expected`, also `drawn` `[B, 1]`, 1 in a row that draws and -1 in one that does not. The alignment is a single 1, or
 * where a row does not draw the shares themselves. Throws `option/out-of-range`.
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
export function sampledAttention({ attention, random, expected = 0 }: SampledOptions): AttentionMechanism {
  numberIn(0, 1)('expected', expected);
  const { init, keyDepth, keys, score, readsPreviousAlignment } = attention.scoring;
  const isMixed = random !== undefined && expected > 0;
  return defineMechanism({
    init,
    keyDepth,
    keys,
    states: {
      ...attention.states,
      logProbability: PER_ROW,
      entropy: PER_ROW,
      ...(isMixed ? { drawn: PER_ROW } : {}),
    },
    align: (weights, query, memory, state) => {
      const logits = tf.add<tf.Tensor2D>(
        score(weights, { query, keys: memory.keys, previousAlignment: state['alignment'] }),
        memory.bias,
      );
      const choice = random === undefined ? likeliest(logits, memory.bias) : drawn(logits, memory.bias, random);
      const logShares = tf.logSoftmax(logits);
      const logProbability = tf.sum(tf.mul(logShares, choice), 1, true); // 0 in a row that sees nothing
      const shares = tf.mul<tf.Tensor2D>(tf.softmax(logits), visibility(memory.bias));
      const entropy = tf.neg(tf.sum(tf.mul(shares, tf.maximum(logShares, LEAST_LOG)), 1, true));
      // A row that does not draw looks at all entries by their shares.
      const rows = isMixed ? whichDraw(tensor2(state, 'drawn'), random, expected) : undefined;
      const draws = rows === undefined ? tf.scalar(1) : indicator(rows, (x) => tf.greater(x, 0));
      const alignment =
        rows === undefined ? choice : tf.add<tf.Tensor2D>(shares, tf.mul(draws, tf.sub(choice, shares)));
      return {
        alignment,
        state: {
          ...(readsPreviousAlignment ? { alignment } : {}),
          logProbability: tf.add(tensor2(state, 'logProbability'), tf.mul(logProbability, draws)),
          entropy: tf.add(tensor2(state, 'entropy'), entropy),
          ...(rows === undefined ? {} : { drawn: rows }),
        },
      };
    },
  });
}

/** Less than any logarithm of a share that counts: of one that is hidden, 0 times it must be 0. */
const LEAST_LOG = -1e4;

/** 1 or -1 for each row, as at the query before, or drawn at the first, where `before` is 0. */
function whichDraw(before: tf.Tensor2D, random: Random, expected: number): tf.Tensor2D {
  const [rows] = before.shape;
  const fresh = tf.tensor2d(
    Float32Array.from({ length: rows }, () => (random.uniform() < expected ? -1 : 1)),
    [rows, 1],
  );
  const isFirst = indicator(before, (x) => tf.equal(x, 0));
  return tf.add(before, tf.mul(fresh, isFirst));
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

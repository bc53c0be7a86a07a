/**
 * Attention as a mask: a small network f looks at a cue and says of each feature how much of it passes,
 *
 *     a = f(cue),  glimpse = a ⊙ z,  f(x) = σ(W₂ tanh(W₁ x + b₁) + b₂)
 *
 * so that inputs meet by multiplication, where a plain network adds them. Soft: a in [0, 1], differentiable throughout. Hard: a in
 * {0, 1}, each drawn with probability f, which `scoreFunctionLoss` of `hearken/losses` trains.
 *
 * Reference: Xu et al., 2015, section 4, https://arxiv.org/abs/1502.03044 (soft and hard); Hu, Shen and Sun, 2018,
 * https://arxiv.org/abs/1709.01507 (a mask over channels by a network of two layers)
 *
 * Departures: f has one hidden layer of tanh, and the cue is any vector, the features themselves or another modality.
 *
 * Shapes: B batch, X depth of the cue, U units, S... axes of the features.
 */
import * as tf from '@tensorflow/tfjs-core';

import { integerIn } from '../arguments.ts';
import { type Weights, weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { HearkenError } from '../errors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape, sizeOf } from '../tensor/shape.ts';
import { indicator } from './hidden.ts';

export type MaskSizes = {
  /** S...: shape of one row's features, for example `[7, 7, 32]`. */ readonly features: readonly number[];
  /**
   * Shape of the mask, each axis that of the features or 1, over which one number counts for all: `[7, 7, 1]` weighs places, `[1, 1, 32]`
   * channels. Default: `features`, a number each.
   */
  readonly mask?: readonly number[];
  /** X: depth of the cue. */ readonly cueDepth: number;
  /** U: units of the hidden layer. */ readonly units: number;
};

export type Masked<T extends tf.Tensor> = {
  /** `[B, S...]`: mask times features. */ readonly glimpse: T;
  /** `[B, mask...]`: numbers in [0, 1], or 0 and 1. */ readonly mask: tf.Tensor;
  /** `[B]`, of a hard mask: log-probability of what was drawn. */ readonly logProbability: tf.Tensor1D;
  /** `[B]`, of a hard mask: the sum of its elements' entropies, in nats. */ readonly entropy: tf.Tensor1D;
};

export type FeatureMask<Told extends 'glimpse' | 'mask' | 'logProbability' | 'entropy'> = {
  /** First weights: kernels N(0, 1 / inputs), biases 0, so that about half passes. */
  readonly init: (random: Random) => Record<string, HostArray>;
  /** Masks `features`, `[B, S...]`, by `cue`, `[B, X]`. Each result is the caller's. Throws `tensor/shape`. */
  readonly attend: <T extends tf.Tensor>(weights: Weights, cue: tf.Tensor2D, features: T) => Pick<Masked<T>, Told>;
};

/**
 * A mask of numbers in [0, 1]. Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { hardMask, Random, softMask, tensorsOf } from 'hearken/attention';
 *
 * const sizes = { features: [2, 2, 3], mask: [2, 2, 1], cueDepth: 4, units: 8 };
 * const weights = tensorsOf(softMask(sizes).init(Random.seeded(1)));
 * const [cue, features] = [tf.ones<tf.Rank.R2>([1, 4]), tf.ones<tf.Rank.R4>([1, 2, 2, 3])];
 * const soft = softMask(sizes).attend(weights, cue, features);
 * console.log(soft.glimpse.shape, (soft.mask.dataSync() as Float32Array).every((a) => a > 0 && a < 1));
 * // => [ 1, 2, 2, 3 ] true
 * const hard = hardMask({ ...sizes, random: Random.seeded(2) }).attend(weights, cue, features);
 * console.log(hard.mask.dataSync().every((a) => a === 0 || a === 1), hard.logProbability.shape);
 * // => true [ 1 ]
 * ```
 */
export function softMask(sizes: MaskSizes): FeatureMask<'glimpse' | 'mask'> {
  const shape = maskShape(sizes);
  return {
    init: (random) => initMask(sizes, shape, random),
    attend: (weights, cue, features) => {
      assertInputs(sizes, cue, features);
      return tf.tidy(() => {
        const mask = tf.sigmoid(tf.reshape(logits(weights, cue), [-1, ...shape]));
        return { glimpse: tf.mul(features, mask), mask };
      });
    },
  };
}

/**
 * A mask of zeros and ones, each 1 with the probability that the soft mask has there: drawn by `random`, and without it 1 where that is above
 * 1/2, as in use. No gradient flows through the choice. Throws `option/out-of-range`.
 */
export function hardMask({
  random,
  ...sizes
}: MaskSizes & { readonly random?: Random }): FeatureMask<'glimpse' | 'mask' | 'logProbability' | 'entropy'> {
  const shape = maskShape(sizes);
  return {
    init: (generator) => initMask(sizes, shape, generator),
    attend: (weights, cue, features) => {
      assertInputs(sizes, cue, features);
      return tf.tidy(() => {
        const scores = logits(weights, cue); // [B, M]
        const threshold =
          random === undefined
            ? tf.scalar(0.5)
            : tf.tensor2d(
                Float32Array.from({ length: scores.size }, () => random.uniform()),
                scores.shape,
              );
        const chosen = indicator(scores, (x) => tf.greater(tf.sigmoid(x), threshold));
        // log σ(x) where it is 1, log σ(-x) where it is 0
        const signed = tf.mul(scores, tf.sub(tf.mul(chosen, 2), 1));
        const [p, q] = [tf.sigmoid(scores), tf.sigmoid(tf.neg(scores))];
        const entropies = tf.neg(tf.add(tf.mul(p, tf.logSigmoid(scores)), tf.mul(q, tf.logSigmoid(tf.neg(scores)))));
        const mask = tf.reshape(chosen, [-1, ...shape]);
        return {
          glimpse: tf.mul(features, mask),
          mask,
          logProbability: tf.sum<tf.Tensor1D>(tf.logSigmoid(signed), 1),
          entropy: tf.sum<tf.Tensor1D>(entropies, 1),
        };
      });
    },
  };
}

function maskShape({ features, mask = features, cueDepth, units }: MaskSizes): readonly number[] {
  integerIn(1, 65_536)('cueDepth', cueDepth);
  integerIn(1, 65_536)('units', units);
  const fits = mask.length === features.length && mask.every((size, axis) => size === features[axis] || size === 1);
  if (fits) return mask;
  throw new HearkenError(
    'option/out-of-range',
    `Expected each axis of \`mask\` to be 1 or that of features [${features.join(', ')}], got [${mask.join(', ')}]`,
  );
}

function assertInputs({ features: shape, cueDepth }: MaskSizes, cue: tf.Tensor2D, features: tf.Tensor): void {
  assertShape('cue', cue, [null, cueDepth]);
  assertShape('features', features, [cue.shape[0], ...shape]);
}

/** `[B, X]` to `[B, M]`, M numbers of the mask. */
function logits(weights: Weights, cue: tf.Tensor2D): tf.Tensor2D {
  const hidden = tf.tanh(tf.add(tf.matMul(cue, tensor2(weights, 'hidden.kernel')), weight(weights, 'hidden.bias')));
  return tf.add(tf.matMul(hidden, tensor2(weights, 'mask.kernel')), weight(weights, 'mask.bias'));
}

function initMask({ cueDepth, units }: MaskSizes, shape: readonly number[], random: Random): Record<string, HostArray> {
  const count = sizeOf(shape);
  return {
    'hidden.kernel': normalArray(random, [cueDepth, units], 1 / Math.sqrt(cueDepth)),
    'hidden.bias': { shape: [units], data: new Float32Array(units) },
    'mask.kernel': normalArray(random, [units, count], 1 / Math.sqrt(units)),
    'mask.bias': { shape: [count], data: new Float32Array(count) },
  };
}

/**
 * The associative channel: beside its slots a memory keeps two sums over all vectors of the past,
 *
 *   S = sum_t b_t phi(k_t) v_t^T,   G = sum_t b_t phi(k_t) phi(k_t)^T
 *
 * and reads phi(q)^T (G + lambda I)^-1 S, the ridge regression from keys to values, by conjugate gradients. Being sums they
 * merge exactly, over any chunking and any tree. phi are the products of pairs of the unit-length key's numbers, so that
 * phi(k) . phi(q) = (k . q)^2 and many keys fit; the write gate b is hard, with exact zeros, for what leaks in at every
 * vector adds up over a long stream: a sigmoid kept 4 % at 65,536 vectors where this one kept all.
 *
 * Key-value sums: Katharopoulos et al., 2020, eq. 18-19, https://arxiv.org/abs/2006.16236. Quadratic features: Arora et
 * al., 2024, section 4, https://arxiv.org/abs/2402.18668. Conjugate gradients: Hestenes and Stiefel, 1952, eq. 3:1.
 *
 * Shapes: B streams, T vectors, Q queries, D depth, C key depth, F = C (C + 1) / 2 features, V value depth.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Weights, weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';
import { type AssociativeConfig, featureCount } from './associative-sizes.ts';

export type Associations = {
  /** S: `[B, F, V]` */ readonly sums: tf.Tensor3D;
  /** G: `[B, F, F]` */ readonly gram: tf.Tensor3D;
};

type Associated = {
  /** Of the vectors that read, `[B, T - from, D]`, to be added to the read's outputs. */ readonly outputs: tf.Tensor3D;
  /** b: `[B, T]`, 0 to 1. Its mean, times about 0.1, belongs into the loss. */ readonly gate: tf.Tensor2D;
  /** After all T vectors. */ readonly state: Associations;
};

/** Enough to solve for 64 keys among 136 features so far that rounding, which depends on how a stream is cut, does not show. */
const SOLVER_STEPS = 16;

/** Share of the mean write gate in the loss: with it the gate learns to be shut where nothing is to be kept. */
export const GATE_SHARE = 0.1;

/** The state of `batch` streams that have heard nothing. */
export function noAssociations(config: AssociativeConfig, batch: number): Associations {
  const features = featureCount(config);
  return { sums: tf.zeros([batch, features, config.valueDepth]), gram: tf.zeros([batch, features, features]) };
}

/**
 * Writes `vectors`, of shape `[B, T, D]`, one after the other, and reads with each from number `from` on right after it was
 * written. The training form over a whole sequence, and with the state carried on the streaming form over any chunks of it.
 */
export function associate(
  weights: Weights,
  config: AssociativeConfig,
  vectors: tf.Tensor3D,
  state: Associations,
  from = 0,
): Associated {
  assertShape('vectors', vectors, [state.sums.shape[0], null, config.depth]);
  return tf.tidy(() => {
    const { features, gate, weighted, values } = writings(weights, config, vectors);
    const past = pastMask(vectors.shape[1], from);
    const queries = from === 0 ? vectors : tf.slice(vectors, [0, from, 0], [-1, -1, -1]);
    // (G_t + lambda I) z_t for all t at once: what was carried on, and the chunk's own past as masked attention.
    const apply = (z: tf.Tensor3D): tf.Tensor3D =>
      tf.addN([
        tf.matMul(tf.mul<tf.Tensor3D>(tf.matMul(z, weighted, false, true), past), features),
        tf.matMul(z, state.gram),
        tf.mul(z, ridge(weights)),
      ]);
    const solution = conjugateGradients(apply, queryFeatures(weights, config, queries), SOLVER_STEPS);
    const matches = tf.mul<tf.Tensor3D>(tf.matMul(solution, weighted, false, true), past);
    const recalled = tf.add<tf.Tensor3D>(tf.matMul(matches, values), tf.matMul(solution, state.sums));
    return { outputs: outputBlock(weights, config, recalled), gate, state: added(state, weighted, features, values) };
  });
}

/** What the first `lengths[b]` of `vectors`, of shape `[B, T, D]`, leave in row b; and the write gate, `[B, T]`, 0 behind a row's end. */
export function associationsOf(
  weights: Weights,
  config: AssociativeConfig,
  vectors: tf.Tensor3D,
  lengths: readonly number[],
): { readonly state: Associations; readonly gate: tf.Tensor2D } {
  return tf.tidy(() => {
    const [batch, length] = vectors.shape;
    const { features, gate, weighted, values } = writings(weights, config, vectors);
    const start = noAssociations(config, batch);
    if (lengths.every((count) => count === length)) return { state: added(start, weighted, features, values), gate };
    const present = Float32Array.from({ length: batch * length }, (_, place) =>
      place % length < (lengths[Math.floor(place / length)] ?? length) ? 1 : 0,
    );
    const mask = tf.tensor3d(present, [batch, length, 1]);
    const kept = tf.mul<tf.Tensor3D>(weighted, mask);
    return { state: added(start, kept, features, values), gate: tf.mul(gate, tf.reshape(mask, [batch, length])) };
  });
}

/** Reads with `queries`, of shape `[B, Q, D]`, without writing; gives `[B, Q, D]`, to be added to the read's outputs. */
export function recall(
  weights: Weights,
  config: AssociativeConfig,
  queries: tf.Tensor3D,
  state: Associations,
): tf.Tensor3D {
  assertShape('queries', queries, [state.sums.shape[0], null, config.depth]);
  return tf.tidy(() => {
    const apply = (z: tf.Tensor3D): tf.Tensor3D => tf.add(tf.matMul(z, state.gram), tf.mul(z, ridge(weights)));
    const solution = conjugateGradients(apply, queryFeatures(weights, config, queries), SOLVER_STEPS);
    return outputBlock(weights, config, tf.matMul(solution, state.sums));
  });
}

type Writings = {
  /** phi(k): `[B, T, F]` */ readonly features: tf.Tensor3D;
  /** `[B, T]` */ readonly gate: tf.Tensor2D;
  /** b phi(k): `[B, T, F]` */ readonly weighted: tf.Tensor3D;
  /** `[B, T, V]` */ readonly values: tf.Tensor3D;
};

function writings(weights: Weights, config: AssociativeConfig, vectors: tf.Tensor3D): Writings {
  const normalized = rmsNorm(tf.reshape<tf.Rank.R2>(vectors, [-1, config.depth]));
  const length = vectors.shape[1];
  const features = quadraticFeatures(config, tf.matMul(normalized, weight(weights, 'memory.associative.key')));
  const values = tf.matMul(normalized, weight(weights, 'memory.associative.value'));
  const opening = tf.add(
    tf.matMul(normalized, weight(weights, 'memory.associative.gate.kernel')),
    weight(weights, 'memory.associative.gate.bias'),
  );
  const raised = tf.add(tf.mul(opening, 0.2), 0.5);
  const gate = tf.sub<tf.Tensor2D>(tf.relu(raised), tf.relu(tf.sub(raised, 1))); // the hard sigmoid, clip(x / 5 + 1/2)
  return {
    features: tf.reshape(features, [-1, length, featureCount(config)]),
    gate: tf.reshape(gate, [-1, length]),
    weighted: tf.reshape(tf.mul(features, gate), [-1, length, featureCount(config)]),
    values: tf.reshape(values, [-1, length, config.valueDepth]),
  };
}

function queryFeatures(weights: Weights, config: AssociativeConfig, queries: tf.Tensor3D): tf.Tensor3D {
  const normalized = rmsNorm(tf.reshape<tf.Rank.R2>(queries, [-1, config.depth]));
  const features = quadraticFeatures(config, tf.matMul(normalized, weight(weights, 'memory.associative.query')));
  return tf.reshape(features, [-1, queries.shape[1], featureCount(config)]);
}

/** phi: the products x_i x_j, i <= j, of rows `x` made unit length, twice-occurring ones times sqrt 2; `[N, C]` to `[N, F]`. */
function quadraticFeatures({ keyDepth }: AssociativeConfig, x: tf.Tensor2D): tf.Tensor2D {
  const unit = tf.mul<tf.Tensor2D>(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-6)));
  const first = new Float32Array(keyDepth * featureCount({ keyDepth }));
  const second = new Float32Array(first.length);
  let feature = 0;
  for (let i = 0; i < keyDepth; i++) {
    for (let j = i; j < keyDepth; j++, feature++) {
      first[i * featureCount({ keyDepth }) + feature] = 1;
      second[j * featureCount({ keyDepth }) + feature] = i === j ? 1 : Math.SQRT2;
    }
  }
  const shape: [number, number] = [keyDepth, featureCount({ keyDepth })];
  // Choosing by products with constant matrices: a gather's gradient is slower, and missing on some backends.
  return tf.mul(tf.matMul(unit, tf.tensor2d(first, shape)), tf.matMul(unit, tf.tensor2d(second, shape)));
}

/** `[1, T - from, T]`: 1 where the column is no later than vector `from` plus the row. */
function pastMask(length: number, from: number): tf.Tensor3D {
  const rows = tf.expandDims(tf.range(from, length, 1, 'int32'), 1);
  const columns = tf.expandDims(tf.range(0, length, 1, 'int32'), 0);
  return tf.expandDims<tf.Tensor3D>(tf.cast(tf.greaterEqual(rows, columns), 'float32'), 0);
}

/** lambda, learned and at least 0.001: the solution stays finite when nothing was written. */
function ridge(weights: Weights): tf.Tensor {
  return tf.add(tf.mul(tf.softplus(weight(weights, 'memory.associative.ridge')), 0.1), 1e-3);
}

function added(
  { sums, gram }: Associations,
  weighted: tf.Tensor3D,
  features: tf.Tensor3D,
  values: tf.Tensor3D,
): Associations {
  return {
    sums: tf.add(sums, tf.matMul(weighted, values, true, false)),
    gram: tf.add(gram, tf.matMul(weighted, features, true, false)),
  };
}

function outputBlock(weights: Weights, { depth, valueDepth }: AssociativeConfig, recalled: tf.Tensor3D): tf.Tensor3D {
  const rows = rmsNorm(tf.reshape<tf.Rank.R2>(recalled, [-1, valueDepth]));
  return tf.reshape(tf.matMul(rows, weight(weights, 'memory.associative.output')), [-1, recalled.shape[1], depth]);
}

/** First weights by checkpoint name, `memory.associative.*`: query map equal to the key map, gate half open. */
export function initAssociative(config: AssociativeConfig, random: Random): Record<string, HostArray> {
  const { depth, keyDepth, valueDepth } = config;
  const key = normalArray(random, [depth, keyDepth], 1 / Math.sqrt(depth));
  return {
    'memory.associative.query': { shape: key.shape, data: key.data.slice() },
    'memory.associative.key': key,
    'memory.associative.value': normalArray(random, [depth, valueDepth], 1 / Math.sqrt(depth)),
    'memory.associative.gate.kernel': normalArray(random, [depth, 1], 0),
    'memory.associative.gate.bias': normalArray(random, [1], 0),
    'memory.associative.ridge': { shape: [1], data: new Float32Array([-1]) },
    'memory.associative.output': normalArray(random, [valueDepth, depth], 1 / Math.sqrt(valueDepth)),
  };
}

/** Keeps divisions finite once a residual has vanished. */
const EPSILON = 1e-9;

/**
 * Solves `A x = b` for every row of `b`, of shape `[B, Q, F]`, each with a symmetric positive definite A of its own that
 * `apply` multiplies with. Exact after F steps, useful long before.
 *
 * Reference: Hestenes and Stiefel, 1952, eq. 3:1.
 */
export function conjugateGradients(
  apply: (directions: tf.Tensor3D) => tf.Tensor3D,
  b: tf.Tensor3D,
  steps: number,
): tf.Tensor3D {
  const norm = (x: tf.Tensor3D): tf.Tensor3D => tf.sum(tf.square(x), -1, true);
  let solution = tf.zerosLike(b);
  let residual = b;
  let direction = b;
  let error = norm(residual);
  for (let step = 0; step < steps; step++) {
    const image = apply(direction);
    const curvature = tf.sum(tf.mul(direction, image), -1, true);
    const length = tf.div<tf.Tensor3D>(error, tf.add(curvature, EPSILON));
    solution = tf.add(solution, tf.mul(direction, length));
    residual = tf.sub(residual, tf.mul(image, length));
    const left = norm(residual);
    direction = tf.add(residual, tf.mul(direction, tf.div(left, tf.add(error, EPSILON))));
    error = left;
  }
  return solution;
}

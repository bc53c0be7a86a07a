/**
 * Linear attention by the gated delta rule: a matrix of associations from keys to values, of a size that time does not change. At each time it
 * fades, what it says of the key is replaced by the value as far as the write gate is open, and the query reads it:
 *
 *     u_t = b_t (v_t - a_t S_{t-1}ᵀ k_t),   S_t = a_t S_{t-1} + k_t u_tᵀ,   o_t = S_tᵀ q_t
 *
 * References: Schlag, Irie and Schmidhuber, 2021, eq. 24, https://arxiv.org/abs/2102.11174 (delta rule); Yang, Kautz and Hatamizadeh, 2024, eq. 10,
 * https://arxiv.org/abs/2412.06464 (gated); Yang et al., 2024, section 3.2, https://arxiv.org/abs/2406.06484 (chunks).
 *
 * Two forms of the same arithmetic: a node `Scan` of these equations where a cell is traced for export, and whole chunks at once otherwise.
 * Inside a chunk the u are the solution of a triangular system, (I + A) U = b (V - ĝ K S), with A_ti = b_t (g_t / g_i) k_t · k_i for i < t and g
 * the product of the a so far; only S goes from chunk to chunk.
 *
 * Shapes: T vectors, B batch, H heads, C numbers of a key, V of a value; N = B H rows; n chunks of L vectors.
 */
import * as tf from '@tensorflow/tfjs-core';

import { ofRank3, ofRank4, pair } from '../cell/typed-tensors.ts';

/** Name of the kernel by which a tracing backend sees the whole recurrence. */
export const DELTA_SEQUENCE = 'DeltaSequence';

export type DeltaInputs = {
  /** `[T, B, H, C]` */ readonly queries: tf.Tensor4D;
  /** `[T, B, H, C]`, of unit length. */ readonly keys: tf.Tensor4D;
  /** `[T, B, H, V]` */ readonly values: tf.Tensor4D;
  /** b: `[T, B, H, 1]`, 0 to 1. */ readonly write: tf.Tensor4D;
  /** log a: `[T, B, H, 1]`, at most 0. */ readonly logKeep: tf.Tensor4D;
  /** S: `[B, H, C, V]` */ readonly state: tf.Tensor4D;
};

export type DeltaOutputs = {
  /** o: `[T, B, H, V]` */ readonly outputs: tf.Tensor4D;
  /** `[B, H, C, V]` */ readonly state: tf.Tensor4D;
};

/** Vectors of a chunk: what is solved at once. */
const CHUNK = 32;

/** Runs the rule over all T vectors. */
export function deltaSequence(given: DeltaInputs): DeltaOutputs {
  if (tf.getKernel(DELTA_SEQUENCE, tf.getBackend()) !== undefined) {
    const [outputs, state] = pair(tf.engine().runKernel<tf.Tensor[]>(DELTA_SEQUENCE, { ...given }));
    return { outputs: ofRank4(outputs), state: ofRank4(state) };
  }
  return tf.tidy(() => deltaByChunks(given));
}

function deltaByChunks(given: DeltaInputs): DeltaOutputs {
  const [length, batch, heads, keyDepth] = given.keys.shape;
  const valueDepth = given.values.shape[3];
  const size = Math.max(1, Math.min(CHUNK, length));
  const { written, replaced, asked, own, added, left } = chunkParts(given, size);
  let state = tf.reshape<tf.Rank.R3>(given.state, [batch * heads, keyDepth, valueDepth]);
  const outputs = written.map((each, chunk) => {
    const update = tf.sub<tf.Tensor3D>(each, tf.matMul(replaced[chunk]!, state)); // one of each kind a chunk
    const output = tf.add<tf.Tensor3D>(tf.matMul(asked[chunk]!, state), tf.matMul(own[chunk]!, update));
    state = tf.add(tf.mul(left[chunk]!, state), tf.matMul<tf.Tensor3D>(added[chunk]!, update, true, false));
    return output;
  });
  const joined = tf.transpose(tf.stack(outputs), [0, 2, 1, 3]); //                                [n, L, N, V]
  const rows = tf.reshape(joined, [outputs.length * size, batch * heads, valueDepth]);
  return {
    outputs: tf.reshape(tf.slice(rows, 0, length), [length, batch, heads, valueDepth]),
    state: tf.reshape(state, [batch, heads, keyDepth, valueDepth]),
  };
}

/** What of U, O and the next S does not depend on S, and the factors of S in them; of each chunk. */
type ChunkParts = Readonly<Record<'written' | 'replaced' | 'asked' | 'own' | 'added' | 'left', readonly tf.Tensor3D[]>>;

function chunkParts(given: DeltaInputs, size: number): ChunkParts {
  const cut = (x: tf.Tensor4D): tf.Tensor4D => cutToChunks(x, size);
  const [queries, keys, values, write] = [cut(given.queries), cut(given.keys), cut(given.values), cut(given.write)];
  const isPast = lowerTriangle(size, 0);
  const steps = tf.transpose(cut(given.logKeep), [0, 1, 3, 2]); //                               [n, N, 1, L]
  const kept = tf.sum<tf.Tensor4D>(tf.mul(steps, isPast), 3, true); //                           [n, N, L, 1]: log g
  const ratio = tf.sub(kept, tf.transpose(kept, [0, 1, 3, 2])); //                               [n, N, L, L]: log (g_t / g_i)
  const fade = tf.mul<tf.Tensor4D>(tf.exp(tf.mul(ratio, isPast)), isPast);
  const alike = tf.matMul<tf.Tensor4D>(keys, keys, false, true);
  const system = tf.mul<tf.Tensor4D>(tf.mul(tf.mul(write, fade), alike), lowerTriangle(size, -1)); // A
  const inverse = inverseOfUnitTriangular(system);
  const [count, rows] = queries.shape;
  const whole = tf.slice(kept, [0, 0, size - 1, 0], [count, rows, 1, 1]); //                      log g after the chunk
  return {
    written: chunksOf(tf.matMul<tf.Tensor4D>(inverse, tf.mul(write, values))), //                 [N, L, V]
    replaced: chunksOf(tf.matMul<tf.Tensor4D>(inverse, tf.mul(tf.mul(write, tf.exp(kept)), keys))), // [N, L, C]
    asked: chunksOf(tf.mul(tf.exp(kept), queries)), //                                            [N, L, C]
    own: chunksOf(tf.mul(tf.matMul(queries, keys, false, true), fade)), //                        [N, L, L]
    added: chunksOf(tf.mul(keys, tf.exp(tf.sub(whole, kept)))), //                                [N, L, C]
    left: chunksOf(tf.exp(whole)), //                                                             [N, 1, 1]
  };
}

/** `[T, B, H, X]` as `[n, N, L, X]`; what is padded neither writes nor fades. */
function cutToChunks(x: tf.Tensor4D, size: number): tf.Tensor4D {
  const [length, batch, heads, width] = x.shape;
  const count = Math.ceil(length / size);
  const rows = tf.reshape<tf.Rank.R3>(x, [length, batch * heads, width]);
  const padded = tf.pad3d(rows, [
    [0, count * size - length],
    [0, 0],
    [0, 0],
  ]);
  return tf.transpose(tf.reshape(padded, [count, size, batch * heads, width]), [0, 2, 1, 3]);
}

/** `[n, N, L, X]` as n of `[N, L, X]`; n may be 1, for which `tf.unstack` has no gradient. */
function chunksOf(x: tf.Tensor4D): tf.Tensor3D[] {
  return x.shape[0] === 1 ? [tf.squeeze(x, [0])] : tf.unstack(x).map(ofRank3);
}

/** `[L, L]`: 1 where the column is at most the row plus `shift`. */
function lowerTriangle(size: number, shift: number): tf.Tensor2D {
  const places = tf.range(0, size, 1, 'int32');
  return tf.cast(tf.lessEqual(tf.expandDims(places, 0), tf.add(tf.expandDims(places, 1), shift)), 'float32');
}

/**
 * (I + A)^-1 of strictly lower triangular A, `[..., L, L]`: from blocks of one row on, two neighbors become one. Powers of A, which would do with
 * fewer products, cancel one another where keys are alike, and lose all digits.
 */
function inverseOfUnitTriangular(system: tf.Tensor4D): tf.Tensor4D {
  const size = system.shape[3];
  let inverse = tf.add<tf.Tensor4D>(tf.eye(size), tf.zerosLike(system));
  for (let block = 1; block < size; block *= 2) {
    const between = Float32Array.from({ length: size * size }, (_, index) => {
      const [row, column] = [Math.floor(index / size / block), Math.floor((index % size) / block)];
      return row % 2 === 1 && column === row - 1 ? 1 : 0;
    });
    const coupled = tf.mul<tf.Tensor4D>(system, tf.tensor2d(between, [size, size]));
    inverse = tf.sub(inverse, tf.matMul(tf.matMul(inverse, coupled), inverse));
  }
  return inverse;
}

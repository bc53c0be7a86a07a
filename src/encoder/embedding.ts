/** Tokens as vectors: a row of a table each. Shapes: B batch, T tokens, A tokens that there are, D depth. */
import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments, ofRank1, ofRank2, tensorAt } from '../cell/typed-tensors.ts';
import { HearkenError } from '../errors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';

/** A first table, `[A, D]`, of N(0, 0.3²). */
export function initEmbedding(tokenCount: number, depth: number, random: Random): HostArray {
  return normalArray(random, [tokenCount, depth], 0.3);
}

/** `tokens` `[B, T]`, int32, 0 to A - 1, by `table` `[A, D]`: `[B, T, D]`. Throws `tensor/shape`. */
export function embed(table: tf.Tensor2D, tokens: tf.Tensor2D): tf.Tensor3D {
  assertShape('tokens', tokens, [null, null]);
  const [batch, length] = tokens.shape;
  const rows = embedRows(table, tf.reshape<tf.Rank.R1>(tokens, [-1]));
  return tf.reshape(rows, [batch, length, table.shape[1]]);
}

/** `tokens` `[N]`, int32, by `table` `[A, D]`: `[N, D]`. No gradient flows into `tokens`, however they were chosen. */
export function embedRows(table: tf.Tensor2D, tokens: tf.Tensor1D): tf.Tensor2D {
  const gathered = tf.customGrad<tf.Tensor2D>((...given) => {
    const { tensors, save } = customGradArguments(given);
    save([tokens]);
    return {
      value: tf.gather(ofRank2(tensorAt(tensors, 0)), tokens),
      gradFunc: (dy, saved) => sumsByToken(dy, ofRank1(tensorAt(saved, 0)), table.shape[0]),
    };
  });
  return gathered(table);
}

/** The sum of those rows of `dy` `[N, D]` that belong to each of `count` tokens, `[A, D]`: WebAssembly and WebGPU have no kernel for it. */
function sumsByToken(dy: tf.Tensor2D, tokens: tf.Tensor1D, count: number): tf.Tensor2D {
  if (tf.getKernel(tf.UnsortedSegmentSum, tf.getBackend()) !== undefined) {
    return tf.unsortedSegmentSum(dy, tokens, count);
  }
  return tf.matMul(tf.oneHot(tokens, count), dy, true);
}

export type PaddedTokens = {
  /** `[B, T]`, int32; 0 behind a row's end. */ readonly tokens: tf.Tensor2D;
  /** Tokens of each row. */ readonly lengths: readonly number[];
};

/**
 * Sequences side by side, filled up to the longest of them, or to `length`. Throws `option/out-of-range` where a
 * sequence is empty, or longer than `length`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import type * as tf from '@tensorflow/tfjs-core';
 * import { paddingBias, Random, tensorsOf } from 'hearken/attention';
 * import { embed, initEmbedding, padTokens } from 'hearken/encoder';
 *
 * const { tokens, lengths } = padTokens([[3, 1, 2], [4]]);
 * console.log(tokens.arraySync(), lengths);
 * // => [ [ 3, 1, 2 ], [ 4, 0, 0 ] ] [ 3, 1 ]
 * const { table } = tensorsOf({ table: initEmbedding(5, 8, Random.seeded(1)) });
 * console.log(embed(table as tf.Tensor2D, tokens).shape, paddingBias(lengths, 3).shape);
 * // => [ 2, 3, 8 ] [ 2, 3 ]
 * ```
 */
export function padTokens(sequences: readonly (readonly number[])[], length?: number): PaddedTokens {
  const lengths = sequences.map((each) => each.length);
  const longest = length ?? Math.max(1, ...lengths);
  const unfit = lengths.find((each) => each < 1 || each > longest);
  if (unfit !== undefined || lengths.length === 0) {
    throw new HearkenError(
      'option/out-of-range',
      `Expected \`sequences\` of 1..${longest} tokens, got ${unfit === undefined ? 'none' : `one of ${unfit}`}`,
    );
  }
  const padded = new Int32Array(sequences.length * longest);
  for (const [row, sequence] of sequences.entries()) padded.set(sequence, row * longest);
  return { tokens: tf.tensor2d(padded, [sequences.length, longest], 'int32'), lengths };
}

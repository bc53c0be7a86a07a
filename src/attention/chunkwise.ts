/**
 * Monotonic stops, and from each of them soft attention over entries up to it: what MoChA and MILk have in common. Equations, references
 * and departures are in `monotonic.ts`, `mocha.ts` and `milk.ts`.
 *
 * The keys of stopping and those of the soft attention stand side by side, `[B, E, A + K]`. Weights: `stop.*`, those of
 * `monotonic`, and `soft.*`, those of a score. State: `ahead` `[B, E]`, and what the score keeps: nothing.
 *
 * Shapes: B batch, E entries, A attention units, K depth of the score's keys.
 */
import * as tf from '@tensorflow/tfjs-core';

import { pair, tensor2 } from '../cell/typed-tensors.ts';
import { weight } from '../cell/cell.ts';
import { HearkenError } from '../errors.ts';
import { additive } from './additive.ts';
import { HIDDEN, maskedSoftmax } from './hidden.ts';
import { type AttentionMechanism, defineMechanism, PER_ENTRY } from './mechanism.ts';
import { initMonotonic, monotonicLogits } from './monotonic.ts';
import { prefixed, under } from './named-weights.ts';
import type { ScoredAttention } from './softmax-attention.ts';
import { type StopOptions, type Stops, stopsOf } from './stops.ts';

export type ChunkwiseOptions = StopOptions & {
  /** Whose score the soft attention has, one that needs no alignment before; default `additive`. */
  readonly attention?: ScoredAttention;
};

/** How soft attention is spread from stops: `logits` `[B, E]` are the score with its bias. */
type Spread = {
  /** `alignment` `[B, E]` of expected stops. */
  readonly expected: (stops: tf.Tensor2D, logits: tf.Tensor2D) => tf.Tensor2D;
  /** 1 on the entries that may be seen from a hard stop, 0 elsewhere, `[B, E]`. */
  readonly seen: (stops: Stops) => tf.Tensor2D;
};

export function defineChunkwise(options: ChunkwiseOptions, spread: Spread): AttentionMechanism {
  const { attention = additive, stops: kind } = options;
  const { scoring } = attention;
  if (scoring.readsPreviousAlignment) {
    throw new HearkenError(
      'option/out-of-range',
      'Expected `attention` to have a score that reads no alignment before, got one that does',
    );
  }
  return defineMechanism({
    states: { ahead: PER_ENTRY },
    init: (sizes, random) => ({
      ...prefixed(initMonotonic(sizes, random), 'stop.'),
      ...prefixed(scoring.init(sizes, random), 'soft.'),
    }),
    keyDepth: (sizes) => additive.keyDepth(sizes) + scoring.keyDepth(sizes),
    keys: (weights, entries) =>
      tf.concat([additive.keys(under(weights, 'stop.'), entries), scoring.keys(under(weights, 'soft.'), entries)], 2),
    align: (weights, query, { keys, bias }, state) => {
      const units = weight(weights, 'stop.score').size; // A
      const [stopKeys, softKeys] = pair(tf.split<tf.Tensor3D>(keys, [units, keys.shape[2] - units], 2));
      const logits = tf.add<tf.Tensor2D>(monotonicLogits(under(weights, 'stop.'), { query, keys: stopKeys }), bias);
      const stopped = stopsOf(logits, tensor2(state, 'ahead'), options); // [B, E]
      const score = scoring.score(under(weights, 'soft.'), { query, keys: softKeys });
      const alignment =
        kind === 'hard'
          ? softFrom(stopped, score, bias, spread.seen(stopped))
          : spread.expected(stopped.stops, tf.add(score, bias));
      return { alignment, state: { ahead: stopped.ahead } };
    },
  });
}

/** Soft attention from one stop over what is `seen` from it; zeros in a row that did not stop. */
function softFrom({ stops }: Stops, score: tf.Tensor2D, bias: tf.Tensor2D, seen: tf.Tensor2D): tf.Tensor2D {
  const isUnseen = tf.sub(1, seen);
  return tf.mul(maskedSoftmax(score, tf.add(bias, tf.mul(isUnseen, HIDDEN))), tf.sum(stops, 1, true));
}

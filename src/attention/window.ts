/**
 * The part of a memory around a place, cut out: what is looked at costs by the window's size, not by the memory's.
 *
 * Shapes: B batch, E entries, W entries of a window, K key depth, D value depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import { gatherRows } from '../cell/gather-rows.ts';
import { HIDDEN, indicator } from './hidden.ts';
import type { PreparedMemory } from './mechanism.ts';

export type MemoryWindow = PreparedMemory & {
  /** `[B, W]`: where the window's entries are in the memory; some may lie outside of it, and are hidden. */
  readonly places: tf.Tensor2D;
  /** A window's alignment `[B, W]` as one of all entries, `[B, E]`. */
  readonly spread: (alignment: tf.Tensor2D) => tf.Tensor2D;
};

/** The `size` entries from `first` `[B, 1]` on, of a memory whose row has `count` `[B, 1]` of them and then padding. */
export function windowOf(memory: PreparedMemory, first: tf.Tensor2D, size: number, count: tf.Tensor2D): MemoryWindow {
  const { keys, values, bias } = memory;
  const places = tf.add<tf.Tensor2D>(first, tf.range(0, size, 1, 'float32')); //               [B, W]
  const inside = tf.maximum<tf.Tensor2D>(tf.minimum(places, tf.sub(count, 1)), 0);
  const isOutside = indicator(tf.sub<tf.Tensor2D>(places, inside), (x) => tf.notEqual(x, 0));
  const own = gatherRows(tf.expandDims(bias, 2), inside); //                                   [B, W, 1]
  return {
    keys: gatherRows(keys, inside),
    values: gatherRows(values, inside),
    bias: tf.add(tf.squeeze<tf.Tensor2D>(own, [2]), tf.mul(isOutside, HIDDEN)),
    places,
    spread: (alignment) => {
      const padded = tf.pad(alignment, [
        [0, 0],
        [1, 1],
      ]); // zeros on either side, for all entries there
      const entries = tf.range(0, bias.shape[1], 1, 'float32');
      const among = tf.clipByValue<tf.Tensor2D>(tf.add(tf.sub(entries, first), 1), 0, size + 1); // [B, E]
      return tf.squeeze(gatherRows(tf.expandDims(padded, 2), among), [2]);
    },
  };
}

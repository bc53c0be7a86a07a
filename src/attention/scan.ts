/**
 * Recurrences along the entries, each of log2(E) tensor operations: the windows that an entry sums up double until they
 * reach the first one (Hillis and Steele, 1986, https://doi.org/10.1145/7902.7903). Sums and products of what is given,
 * no division by a running product: nothing underflows that the recurrence itself would keep.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What stands before the first entry of a logarithm's sum: far below any logit, finite so that no NaN comes of it. */
const LOG_OF_NOTHING = -1e30;

/** `x_j = decay_j x_{j-1} + input_j`, with `x_{-1} = 0`: `[B, E]` each. `decay` from 0 to 1. */
export function linearRecurrence(decay: tf.Tensor2D, input: tf.Tensor2D): tf.Tensor2D {
  let [product, sum] = [decay, input]; // over the window that ends at an entry
  for (const width of widthsBelow(input.shape[1])) {
    sum = tf.add(sum, tf.mul(product, later(sum, width, 0)));
    product = tf.mul(product, later(product, width, 1));
  }
  return sum;
}

/** `x_j = input_j + decay_j x_{j+1}`, with `x_E = 0`: `[B, E]` each. */
export function reverseLinearRecurrence(decay: tf.Tensor2D, input: tf.Tensor2D): tf.Tensor2D {
  return tf.reverse(linearRecurrence(tf.reverse(decay, 1), tf.reverse(input, 1)), 1);
}

/** `log Σ_{l <= j} exp(x_l)`, `[B, E]`. */
export function logCumulativeSum(x: tf.Tensor2D): tf.Tensor2D {
  let sum = x;
  for (const width of widthsBelow(x.shape[1])) {
    const before = later(sum, width, LOG_OF_NOTHING);
    const larger = tf.maximum<tf.Tensor2D>(sum, before); // cancels out: its gradient is 0
    sum = tf.add(larger, tf.log(tf.add(tf.exp(tf.sub(sum, larger)), tf.exp(tf.sub(before, larger)))));
  }
  return sum;
}

/** Every row moved towards the end by `by` entries, `fill` in their place; what leaves at the end is lost. */
export function later(x: tf.Tensor2D, by: number, fill: number): tf.Tensor2D {
  return tf.slice(tf.pad(x, [NOTHING, [by, 0]], fill), [0, 0], x.shape);
}

/** Every row moved towards the start by `by` entries, `fill` in their place; what leaves at the start is lost. */
export function earlier(x: tf.Tensor2D, by: number, fill: number): tf.Tensor2D {
  return tf.slice(tf.pad(x, [NOTHING, [0, by]], fill), [0, by], x.shape);
}

const NOTHING: [number, number] = [0, 0];

/** Sizes from here on are symbols: the number of entries while a cell is exported. */
const SMALLEST_SYMBOL = 2 ** 32;
/** Entries that the recurrences of an exported graph reach over; a step that is not needed changes nothing. */
const ENTRIES_IN_A_GRAPH = 65_536;

/** 1, 2, 4, ... below the number of entries. */
function widthsBelow(entries: number): number[] {
  const steps = Math.ceil(Math.log2(entries < SMALLEST_SYMBOL ? Math.max(1, entries) : ENTRIES_IN_A_GRAPH));
  return Array.from({ length: steps }, (_, step) => 2 ** step);
}

/**
 * A bounded exact cache, chosen by surprise: of all vectors so far the M are kept, as they are, that a prediction from the vector before each
 * explains worst; and every vector reads them and itself.
 *
 *     x_t = pair_t,  s_t = 1 - exp(-mean((rms(x_t) - rms(x_{t-1}) P - p)²)),  y_t = mlp(x_t + attention(x_t; kept and x_t) W_o)
 *
 * with log s of a kept vector added to its logits, so that gradients reach what chooses. The mean of s belongs into the loss, times
 * `SURPRISE_SHARE`: it trains the prediction, and what nothing asks for becomes predictable. Of equal surprise the newer is kept.
 *
 * Reference: Schmidhuber, 1992, "Learning complex, extended sequences using the principle of history compression", section 3,
 * https://doi.org/10.1162/neco.1992.4.2.234 (only what is not predicted is passed on). The bounded cache and its read are ours.
 *
 * Shapes: B batch, T vectors of a chunk, X input depth, D units, M kept, E = M + T entries, H heads.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HIDDEN } from '../attention/hidden.ts';
import { type Weights, weight } from '../cell/cell.ts';
import { sizeProduct, sizeSum } from '../cell/size.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { customGradArguments, ofRank2, ofRank3, tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { EncoderConfig } from './config.ts';
import type { Dropout } from './dropout.ts';
import { encodePairs, initPairEncoder, pairStates } from './pair-encoder.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';
import { initResidualMlp, residualMlp } from './residual-mlp.ts';
import { RMS_NORM, rmsNorm } from './rms-norm.ts';

type Surprised = Extract<EncoderConfig, { readonly kind: 'surprise' }>;

/** Share of the mean surprise in the loss. */
export const SURPRISE_SHARE = 0.1;

/** Vectors that compete at once in training: ranks are found by comparing all with all. */
const CHUNK = 64;

/** The states: the last input and vector, and the kept vectors with their surprise, least first; 0 where none is kept yet. */
export function surpriseStates({ units, kept }: Surprised, depth: number): Record<string, TensorSpec> {
  return {
    ...pairStates(depth),
    'state.predicting': floats('B', units),
    'state.kept': floats('B', kept, units),
    'state.surprise': floats('B', kept),
  };
}

/** Encodes `inputs`, `[B, T, X]`, going on from `states`. */
export function encodeBySurprise(
  weights: Weights,
  config: Surprised,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
): EncoderOutput {
  return tf.tidy(() => {
    const pairs = encodePairs(weights, dropout(inputs), states);
    const { surprise, last } = surpriseOf(weights, pairs.vectors, tensor2(states, 'state.predicting'));
    let cache: Cache = { kept: tensor3(states, 'state.kept'), surprise: tensor2(states, 'state.surprise') };
    const length = inputs.shape[1];
    const isTraced = tf.getKernel(RMS_NORM, tf.getBackend()) !== undefined; // then the length is a symbol, and no loop goes to it
    const size = isTraced || length === 0 ? length : CHUNK;
    const outputs: tf.Tensor3D[] = [];
    for (let start = 0; start === 0 || start < length; start += size) {
      const count = isTraced ? length : Math.min(size, length - start);
      const vectors = tf.slice(pairs.vectors, [0, start, 0], [-1, count, -1]);
      const step = readAndKeep(weights, config, vectors, tf.slice(surprise, [0, start], [-1, count]), cache);
      cache = step.cache;
      outputs.push(step.outputs);
      if (size === length) break;
    }
    return {
      vectors: outputs.length === 1 ? outputs[0]! : tf.concat(outputs, 1),
      surprise,
      states: {
        ...pairs.states,
        'state.predicting': last,
        'state.kept': cache.kept,
        'state.surprise': cache.surprise,
      },
    };
  });
}

type Surprises = {
  /** s: `[B, T]` */ readonly surprise: tf.Tensor2D;
  /** `[B, D]`: the last vector, which the next is predicted from. */ readonly last: tf.Tensor2D;
};

function surpriseOf(weights: Weights, vectors: tf.Tensor3D, before: tf.Tensor2D): Surprises {
  const [batch, length, units] = vectors.shape;
  const rows = sizeProduct(batch, length);
  const unit = rmsNorm(tf.reshape<tf.Rank.R2>(vectors, [rows, units]));
  const normalized = tf.reshape<tf.Rank.R3>(unit, [batch, length, units]);
  const sequence = tf.concat<tf.Tensor3D>([tf.expandDims<tf.Tensor3D>(before, 1), normalized], 1); // [B, T + 1, D]
  const previous = tf.reshape<tf.Rank.R2>(tf.slice(sequence, [0, 0, 0], [-1, length, -1]), [rows, units]);
  const predicted = tf.add<tf.Tensor2D>(
    tf.matMul(previous, tensor2(weights, 'encoder.surprise.prediction.kernel')),
    weight(weights, 'encoder.surprise.prediction.bias'),
  );
  const missed = tf.mean(tf.square(tf.sub(unit, predicted)), 1);
  const last = tf.slice(sequence, [0, length, 0], [-1, 1, -1]);
  return {
    surprise: tf.reshape(tf.sub(1, tf.exp(tf.neg(missed))), [batch, length]),
    last: tf.reshape(last, [batch, units]),
  };
}

type Cache = {
  /** `[B, M, D]`, the least surprising first. */ readonly kept: tf.Tensor3D;
  /** `[B, M]`; 0 where there is none. */ readonly surprise: tf.Tensor2D;
};

/** Every vector reads what was kept before it, and itself; then those compete for the places. */
function readAndKeep(
  weights: Weights,
  { units, kept: places, heads }: Surprised,
  vectors: tf.Tensor3D,
  surprise: tf.Tensor2D,
  cache: Cache,
): { readonly outputs: tf.Tensor3D; readonly cache: Cache } {
  const [batch, length] = vectors.shape;
  const entries = tf.concat<tf.Tensor3D>([cache.kept, vectors], 1); //                            [B, E, D]
  const all = tf.concat<tf.Tensor2D>([cache.surprise, surprise], 1); //                           [B, E]
  const choice = chosen(all, places, length);
  const isKept = tf.slice(choice, [0, 0, 0], [-1, length, -1]); //                                [B, T, E]
  const stays = tf.slice(choice, [0, length, 0], [-1, places, -1]); //                            [B, M, E]
  const known = tf.expandDims<tf.Tensor3D>(tf.log(tf.maximum<tf.Tensor2D>(all, 1e-9)), 1);
  const isSeen = tf.add<tf.Tensor3D>(isKept, isOwn(places, length));
  const bias = tf.add<tf.Tensor3D>(tf.mul(known, isKept), tf.mul(tf.sub(1, isSeen), HIDDEN));
  const outputs = readEntries(weights, { units, heads }, { queries: vectors, entries, bias });
  const left = tf.matMul(stays, tf.expandDims<tf.Tensor3D>(all, 2));
  return {
    outputs: tf.reshape(outputs, [batch, length, units]),
    cache: { kept: tf.matMul(stays, entries), surprise: tf.reshape(left, [batch, places]) },
  };
}

/** Places of entries, `[1, E]`, from the chunk's first vector on: those of kept ones are below 0. */
function entryPlaces(places: number, length: number): tf.Tensor2D {
  return tf.expandDims(tf.sub(tf.range(0, sizeSum(places, length), 1, 'float32'), places), 0);
}

/** Places of a chunk's vectors, `[T, 1]`. */
function vectorPlaces(length: number): tf.Tensor2D {
  return tf.expandDims(tf.range(0, length, 1, 'float32'), 1);
}

/** `[T, E]`: 1 where the entry is the vector itself. */
function isOwn(places: number, length: number): tf.Tensor2D {
  return tf.cast(tf.equal(entryPlaces(places, length), vectorPlaces(length)), 'float32');
}

/**
 * `[B, T + M, E]` of 0 and 1: which entries before it each vector of the chunk sees, and which entry each place holds after the chunk, the
 * least surprising first, so that equal ones stay in the order of time. A choice has no gradient.
 */
function chosen(surprise: tf.Tensor2D, places: number, length: number): tf.Tensor3D {
  const choose = (all: tf.Tensor2D): tf.Tensor3D => {
    const [batch, count] = all.shape;
    const beaten = beatenBy(all);
    const isPast = tf.cast<tf.Tensor2D>(tf.less(entryPlaces(places, length), vectorPlaces(length)), 'float32');
    const rows = tf.reshape<tf.Rank.R2>(beaten, [sizeProduct(batch, count), count]);
    const ranks = tf.reshape<tf.Rank.R3>(tf.matMul(rows, isPast, false, true), [batch, count, length]);
    const isIn = tf.cast<tf.Tensor3D>(tf.less(tf.transpose(ranks, [0, 2, 1]), places), 'float32'); // [B, T, E]
    const isThere = tf.cast(tf.greater(tf.expandDims<tf.Tensor3D>(all, 1), 0), 'float32'); //       [B, 1, E]
    const order = tf.reshape(tf.sub(places - 1, tf.range(0, places, 1, 'float32')), [1, places, 1]);
    const last = tf.expandDims<tf.Tensor3D>(tf.sum(beaten, 2), 1); //                               [B, 1, E]
    return tf.concat<tf.Tensor3D>(
      [tf.mul(tf.mul(isIn, isPast), isThere), tf.cast<tf.Tensor3D>(tf.equal(last, order), 'float32')],
      1,
    );
  };
  const alone = tf.customGrad((...given) => {
    const [all] = customGradArguments(given).tensors;
    return { value: choose(ofRank2(all!)), gradFunc: () => tf.zerosLike(all!) }; // one is handed in
  });
  return ofRank3(alone(surprise));
}

/** `[B, E]` to `[B, E, E]`: 1 where the column is more surprising than the row, or as much and newer. */
function beatenBy(surprise: tf.Tensor2D): tf.Tensor3D {
  const [rows, columns] = [tf.expandDims<tf.Tensor3D>(surprise, 2), tf.expandDims<tf.Tensor3D>(surprise, 1)];
  const places = tf.range(0, surprise.shape[1], 1, 'float32');
  const isNewer = tf.cast(tf.greater(tf.expandDims(places, 0), tf.expandDims(places, 1)), 'float32');
  const isMore = tf.cast<tf.Tensor3D>(tf.greater(columns, rows), 'float32');
  return tf.add(isMore, tf.mul(tf.cast<tf.Tensor3D>(tf.equal(columns, rows), 'float32'), isNewer));
}

type Read = { readonly queries: tf.Tensor3D; readonly entries: tf.Tensor3D; readonly bias: tf.Tensor3D };

/** `mlp(x + concat_h(softmax(q · k / √(D/H) + bias) v) W_o)` of normalized queries and entries: `[B T, D]`. */
function readEntries(
  weights: Weights,
  { units, heads }: Pick<Surprised, 'units' | 'heads'>,
  { queries, entries, bias }: Read,
): tf.Tensor2D {
  const [batch, length] = queries.shape;
  const byHead = (x: tf.Tensor3D, name: string): tf.Tensor4D => {
    const rows = rmsNorm(tf.reshape<tf.Rank.R2>(x, [sizeProduct(batch, x.shape[1]), units]));
    const mapped = tf.matMul(rows, tensor2(weights, `encoder.surprise.${name}`));
    return tf.transpose(tf.reshape<tf.Rank.R4>(mapped, [batch, x.shape[1], heads, units / heads]), [0, 2, 1, 3]);
  };
  const scaled = tf.mul<tf.Tensor4D>(byHead(queries, 'query'), Math.sqrt(heads / units));
  const logits = tf.matMul<tf.Tensor4D>(scaled, byHead(entries, 'key'), false, true); //            [B, H, T, E]
  const alignment = tf.softmax(tf.add<tf.Tensor4D>(logits, tf.expandDims(bias, 1)));
  const context = tf.transpose(tf.matMul(alignment, byHead(entries, 'value')), [0, 2, 1, 3]);
  const rows = sizeProduct(batch, length);
  const attended = tf.matMul(
    tf.reshape<tf.Rank.R2>(context, [rows, units]),
    tensor2(weights, 'encoder.surprise.output'),
  );
  return residualMlp(weights, 'encoder.surprise.mlp', tf.add(tf.reshape<tf.Rank.R2>(queries, [rows, units]), attended));
}

/** First weights: query map equal to the key map, the prediction near zero. */
export function initSurprise({ units }: Surprised, depth: number, random: Random): Record<string, HostArray> {
  const map = (): HostArray => normalArray(random, [units, units], 1 / Math.sqrt(units));
  const key = map();
  return {
    ...initPairEncoder(depth, units, random),
    'encoder.surprise.query': { shape: key.shape, data: key.data.slice() },
    'encoder.surprise.key': key,
    'encoder.surprise.value': map(),
    'encoder.surprise.output': map(),
    'encoder.surprise.prediction.kernel': normalArray(random, [units, units], 0.1 / Math.sqrt(units)),
    'encoder.surprise.prediction.bias': { shape: [units], data: new Float32Array(units) },
    ...initResidualMlp('encoder.surprise.mlp', units, 1 / Math.sqrt(2 * units), random),
  };
}

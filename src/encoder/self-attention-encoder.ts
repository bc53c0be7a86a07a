/**
 * Layers of self-attention with relative positions: every vector attends to those around it, by content and by distance.
 *
 *     logits_t,e = q_t · k_e / √(U / H) + p[t - e],  x ← x + (softmax(logits) v) W_o,  x ← mlp(x)
 *
 * with queries, keys and values of normalized vectors. A causal layer sees the newest `window` vectors and its state is the window;
 * one that looks both ways sees all of its sequence.
 *
 * References: Vaswani et al., 2017, sections 3.1 and 3.2, https://arxiv.org/abs/1706.03762; Raffel et al., 2020, section 2.1 (a bias a
 * distance and head), https://arxiv.org/abs/1910.10683
 *
 * Departures: the norm is RMS and stands before each sub-layer; a distance beyond `FARTHEST` counts as that, without buckets.
 *
 * Shapes: B batch, T inputs, X input depth, U units, H heads, E entries (T, and of a causal layer the W - 1 before them), W window.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HIDDEN } from '../attention/hidden.ts';
import { prefixed, under } from '../attention/named-weights.ts';
import { type Weights, weight } from '../cell/cell.ts';
import { sizeDifference, sizeProduct, sizeSum } from '../cell/size.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { type EncoderConfig, isCausal } from './config.ts';
import type { Dropout } from './dropout.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';
import { initResidualMlp, residualMlp } from './residual-mlp.ts';
import { rmsNorm } from './rms-norm.ts';

type SelfAttentive = Extract<EncoderConfig, { readonly kind: 'self-attention' }>;

/** The largest distance that has a bias of its own, where a layer looks both ways. */
const FARTHEST = 32;

/** The states of a causal encoder: of each layer the last W - 1 inputs, and 1 for each that there was. */
export function selfAttentionStates(config: SelfAttentive): Record<string, TensorSpec> {
  const { units, layers, window = 1 } = config;
  if (!isCausal(config) || window === 1) return {};
  const ofLayers = Array.from({ length: layers }, (_, layer) => [
    `state.inputs.${layer}`,
    floats('B', window - 1, units),
  ]);
  return { ...(Object.fromEntries(ofLayers) as Record<string, TensorSpec>), 'state.seen': floats('B', window - 1) };
}

/** Encodes `inputs`, `[B, T, X]`, going on from `states`; where it looks both ways, row b has `lengths[b]` inputs. */
export function encodeBySelfAttention(
  weights: Weights,
  config: SelfAttentive,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
  lengths?: readonly number[] | tf.Tensor1D,
): EncoderOutput {
  return tf.tidy(() => {
    const [batch, length, depth] = inputs.shape;
    const rows = tf.reshape<tf.Rank.R2>(inputs, [sizeProduct(batch, length), depth]);
    const projected = tf.matMul<tf.Tensor2D>(rows, tensor2(weights, 'encoder.inputProjection.kernel'));
    const shifted = tf.add<tf.Tensor2D>(projected, weight(weights, 'encoder.inputProjection.bias'));
    let x = tf.reshape<tf.Rank.R3>(shifted, [batch, length, config.units]);
    const before = isCausal(config) ? (config.window ?? 1) - 1 : 0;
    const view = isCausal(config) ? causalView(x, before, states) : wholeView(x, lengths);
    const next: Record<string, tf.Tensor> = { ...view.states };
    for (let layer = 0; layer < config.layers; layer++) {
      const name = `state.inputs.${layer}`;
      const given = dropout(x);
      const entries = before > 0 ? tf.concat<tf.Tensor3D>([tensor3(states, name), given], 1) : given; // [B, E, U]
      if (before > 0) next[name] = tf.slice(entries, [0, length, 0], [batch, before, config.units]);
      x = attentionLayer(under(weights, prefixOf(layer)), config, { queries: given, entries, view });
    }
    return { vectors: x, states: next, ...(isCausal(config) ? {} : { final: lastOf(x, lengths) }) };
  });
}

/** Each row's last vector: `[B, T, U]` gives `[B, U]`. */
function lastOf(x: tf.Tensor3D, lengths: readonly number[] | tf.Tensor1D | undefined): tf.Tensor2D {
  const [batch, length, units] = x.shape;
  if (lengths === undefined) {
    return tf.reshape(tf.slice(x, [0, sizeDifference(length, 1), 0], [batch, 1, units]), [batch, units]);
  }
  const places = tf.expandDims(tf.range(0, length, 1, 'int32'), 0);
  const isLast = tf.equal(places, tf.sub(tf.expandDims(endsOf(lengths), 1), 1)); //                        [B, T]
  return tf.sum<tf.Tensor2D>(tf.mul(x, tf.expandDims(tf.cast(isLast, 'float32'), 2)), 1);
}

function endsOf(lengths: readonly number[] | tf.Tensor1D): tf.Tensor1D {
  return lengths instanceof tf.Tensor ? lengths : tf.tensor1d([...lengths], 'int32');
}

/** What a query may see: the same for all layers. */
type View = {
  /** `[T, E]` of int32: places of the tables of positions. */ readonly places: tf.Tensor2D;
  /** `[B or 1, T, E]`: 0 where a query may look, `HIDDEN` elsewhere. */ readonly bias: tf.Tensor3D;
  readonly states: Record<string, tf.Tensor>;
};

/** `[T, E]`: how far before query t entry e stands, where `before` entries come first. */
function distances(length: number, before: number): tf.Tensor2D {
  const queries = tf.add(tf.range(0, length, 1, 'float32'), before);
  const entries = tf.range(0, sizeSum(length, before), 1, 'float32');
  return tf.sub(tf.expandDims(queries, 1), tf.expandDims(entries, 0));
}

function causalView(x: tf.Tensor3D, before: number, states: Readonly<Record<string, tf.Tensor>>): View {
  const [batch, length] = x.shape;
  const far = distances(length, before);
  const isInside = tf.logicalAnd(tf.greaterEqual(far, 0), tf.lessEqual(far, before));
  const outside = tf.mul(tf.sub(1, tf.cast(isInside, 'float32')), HIDDEN);
  const places = tf.cast<tf.Tensor2D>(tf.clipByValue(far, 0, before), 'int32');
  if (before === 0) return { places, bias: tf.expandDims<tf.Tensor3D>(outside, 0), states: {} };
  const now = tf.reshape<tf.Rank.R2>(tf.add(tf.mul(tf.slice(x, [0, 0, 0], [batch, length, 1]), 0), 1), [batch, length]);
  const seen = tf.concat<tf.Tensor2D>([tensor2(states, 'state.seen'), now], 1); //                         [B, E]
  const absent = tf.mul(tf.sub(1, seen), HIDDEN);
  return {
    places,
    bias: tf.add(tf.expandDims<tf.Tensor3D>(absent, 1), tf.expandDims(outside, 0)),
    states: { 'state.seen': tf.slice(seen, [0, length], [batch, before]) },
  };
}

function wholeView(x: tf.Tensor3D, lengths: readonly number[] | tf.Tensor1D | undefined): View {
  const length = x.shape[1];
  const near = tf.clipByValue(distances(length, 0), -FARTHEST, FARTHEST);
  const places = tf.cast<tf.Tensor2D>(tf.add<tf.Tensor2D>(near, FARTHEST), 'int32');
  if (lengths === undefined) return { places, bias: tf.zeros([1, 1, 1]), states: {} };
  const isBehind = tf.greaterEqual(tf.range(0, length, 1, 'int32'), tf.expandDims(endsOf(lengths), 1)); //  [B, T]
  return { places, bias: tf.expandDims<tf.Tensor3D>(tf.mul(tf.cast(isBehind, 'float32'), HIDDEN), 1), states: {} };
}

type LayerInputs = { readonly queries: tf.Tensor3D; readonly entries: tf.Tensor3D; readonly view: View };

function attentionLayer(
  weights: Weights,
  { units, heads }: SelfAttentive,
  { queries, entries, view }: LayerInputs,
): tf.Tensor3D {
  const [batch, length] = queries.shape;
  const byHead = (x: tf.Tensor3D, name: string): tf.Tensor4D => {
    const rows = rmsNorm(tf.reshape<tf.Rank.R2>(x, [sizeProduct(x.shape[0], x.shape[1]), units]));
    const mapped = tf.reshape<tf.Rank.R4>(tf.matMul(rows, tensor2(weights, name)), [
      batch,
      x.shape[1],
      heads,
      units / heads,
    ]);
    return tf.transpose<tf.Tensor4D>(mapped, [0, 2, 1, 3]); //                                          [B, H, n, U/H]
  };
  const scaled = tf.mul(byHead(queries, 'query'), Math.sqrt(heads / units));
  const logits = tf.matMul(scaled, byHead(entries, 'key'), false, true); //                               [B, H, T, E]
  const flat = tf.reshape<tf.Rank.R1>(view.places, [sizeProduct(length, entries.shape[1])]);
  const positions = tf.reshape(tf.gather(tensor2(weights, 'position'), flat), [length, entries.shape[1], heads]);
  const biased = tf.add(tf.add(logits, tf.transpose(positions, [2, 0, 1])), tf.expandDims(view.bias, 1));
  const context = tf.matMul(tf.softmax(biased), byHead(entries, 'value')); //                              [B, H, T, U/H]
  const rows = sizeProduct(batch, length);
  const joined = tf.reshape<tf.Rank.R2>(tf.transpose(context, [0, 2, 1, 3]), [rows, units]);
  const attended = tf.matMul<tf.Tensor2D>(joined, tensor2(weights, 'output'));
  const summed = tf.add<tf.Tensor2D>(tf.reshape<tf.Rank.R2>(queries, [rows, units]), attended);
  return tf.reshape(residualMlp(weights, 'mlp', summed), [batch, length, units]);
}

function prefixOf(layer: number): string {
  return `encoder.attention.${layer}.`;
}

/** First weights: maps N(0, 1 / inputs), no preference among distances, networks near the identity. */
export function initSelfAttention(config: SelfAttentive, depth: number, random: Random): Record<string, HostArray> {
  const { units, layers, heads, window = 1 } = config;
  const matrix = (inputs: number): HostArray => normalArray(random, [inputs, units], 1 / Math.sqrt(inputs));
  const placeCount = isCausal(config) ? window : 2 * FARTHEST + 1;
  const weights: Record<string, HostArray> = {
    'encoder.inputProjection.kernel': matrix(depth),
    'encoder.inputProjection.bias': { shape: [units], data: new Float32Array(units) },
  };
  for (let layer = 0; layer < layers; layer++) {
    const ofLayer = {
      ...Object.fromEntries(['query', 'key', 'value', 'output'].map((name) => [name, matrix(units)])),
      position: { shape: [placeCount, heads], data: new Float32Array(placeCount * heads) },
      ...initResidualMlp('mlp', units, 0.5 / Math.sqrt(2 * units), random),
    };
    Object.assign(weights, prefixed(ofLayer, prefixOf(layer)));
  }
  return weights;
}

/**
 * The encoder that runs from the first input to the last and back: plain recurrent layers, each over both directions of the one below.
 * It knows a sequence only when it has ended, so that it cannot stream.
 *
 * Reference: Schuster and Paliwal, 1997, https://doi.org/10.1109/78.650093
 */
import * as tf from '@tensorflow/tfjs-core';

import { prefixed, under } from '../attention/named-weights.ts';
import type { Weights } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import type { EncoderConfig } from './config.ts';
import type { Dropout } from './dropout.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';
import { initRecurrentLayer, type RecurrentLayerConfig, runRecurrentLayer } from './recurrent-layer.ts';

type BothWays = Extract<EncoderConfig, { readonly kind: 'lstm' | 'gru' }>;

/** Encodes `inputs`, `[B, T, X]`, of which row b has `lengths[b]`; dropout goes before every layer. */
export function encodeBothWays(
  weights: Weights,
  config: BothWays,
  inputs: tf.Tensor3D,
  dropout: Dropout,
  lengths?: readonly number[] | tf.Tensor1D,
): EncoderOutput {
  let vectors = inputs;
  let final: tf.Tensor2D | undefined;
  for (let layer = 0; layer < config.layers; layer++) {
    const layerConfig = layerOf(config, vectors.shape[2]);
    const named = under(weights, prefixOf(config, layer));
    const given = { inputs: dropout(vectors), ...(lengths === undefined ? {} : { lengths }) };
    ({ vectors, final } = runRecurrentLayer(named, layerConfig, given));
  }
  return { vectors, states: {}, ...(final === undefined ? {} : { final }) };
}

export function initBothWays(config: BothWays, depth: number, random: Random): Record<string, HostArray> {
  const layers = Array.from({ length: config.layers }, (_, layer) => {
    const layerConfig = layerOf(config, layer === 0 ? depth : config.units);
    return prefixed(initRecurrentLayer(layerConfig, random), prefixOf(config, layer));
  });
  return Object.assign({}, ...layers) as Record<string, HostArray>; // of such records
}

function layerOf({ kind, units }: BothWays, depth: number): RecurrentLayerConfig {
  return { cell: kind, depth, units, direction: 'both' };
}

function prefixOf({ kind }: BothWays, layer: number): string {
  return `encoder.${kind}.${layer}.`;
}

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

import { traceCell } from '../../src/export/trace-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { createEngine, type Engine } from '../../src/recognizer/engine.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { startStream, type StreamState } from '../../src/recognizer/state.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { HostArray } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

/** Small enough that a second of audio takes milliseconds, with a tree that grows three levels in as many seconds. */
export const TINY_CONFIG: SpeechConfig = {
  ...EXAMPLE_CONFIG,
  name: 'tiny',
  features: { ...EXAMPLE_CONFIG.features, bandCount: 12, energyFloor: 1e-6 },
  encoder: { kind: 'lstm', frameStack: 4, units: 8, layers: 1 },
  memory: { depth: 8, heads: 2, window: 6, leafFanIn: 4, fanIn: 2, slots: 2, tokenCountBias: true },
  decoder: {
    ...EXAMPLE_CONFIG.decoder,
    order: 'luong',
    inputFeeding: true,
    units: 6,
    attentionUnits: 6,
    embedding: 4,
    dropout: 0,
  },
};

/** Random weights, but a head that is sure of blank in some places and of labels in others, so that words come and end. */
export function tinyWeights(config: SpeechConfig = TINY_CONFIG): Record<string, HostArray> {
  const weights = initRecognizer(config, Random.seeded(10));
  const { shape, data } = weights['head.kernel']!;
  const bias = weights['head.bias']!;
  return {
    ...weights,
    'head.kernel': { shape, data: Float32Array.from(data, (value) => 120 * value) },
    'head.bias': { shape: bias.shape, data: Float32Array.from(bias.data, (_, label) => (label === 0 ? 4 : 0)) },
  };
}

/** The tiny model's cells in tfjs's JavaScript backend. */
export async function tfjsTiny(config: SpeechConfig = TINY_CONFIG): Promise<Executor> {
  await tf.setBackend('cpu');
  return createTfjsExecutor(cellsOf(config), tinyWeights(config));
}

/** The tiny model's cells in onnxruntime. */
export async function onnxTiny(config: SpeechConfig = TINY_CONFIG): Promise<Executor> {
  await tf.setBackend('cpu');
  const graphs = new Map<string, Uint8Array>();
  for (const cell of cellsOf(config)) graphs.set(cell.name, await traceCell(cell, tinyWeights(config)));
  return createOnnxExecutor(graphs);
}

export function tinyEngine(executor: Executor, config: SpeechConfig = TINY_CONFIG): Promise<Engine> {
  return createEngine({ config, executor, fingerprint: 'tiny' });
}

export function openStream(engine: Engine): StreamState {
  return startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder: 'joint' });
}

/** `seconds` of audio at 16 kHz: tones of 0.3 to 0.7 s with pauses of 0.1 to 1.3 s between, over faint noise. */
export function tones(seconds: number, seed = 1): Float32Array {
  const random = Random.seeded(seed);
  const samples = Float32Array.from({ length: Math.floor(seconds * 16_000) }, () => 0.001 * random.normal());
  for (let at = 0; at < samples.length; ) {
    at += Math.floor((0.1 + 1.2 * random.uniform()) * 16_000);
    const length = Math.floor((0.3 + 0.4 * random.uniform()) * 16_000);
    const pitch = 200 + 2500 * random.uniform();
    for (let index = 0; index < length && at + index < samples.length; index++) {
      const wave = Math.sin((2 * Math.PI * pitch * index) / 16_000) * Math.sin((Math.PI * index) / length);
      samples[at + index] = (samples[at + index] ?? 0) + 0.3 * wave;
    }
    at += length;
  }
  return samples;
}

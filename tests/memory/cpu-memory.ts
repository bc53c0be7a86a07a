/** A small memory on tfjs's CPU backend, for tests. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';

import { memoryCells } from '../../src/memory/cells.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { initMemory } from '../../src/memory/cells.ts';
import { projectEntries } from '../../src/memory/read.ts';
import type { MemoryRows } from '../../src/memory/state.ts';
import type { Weights } from '../../src/cell/cell.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

tf.enableProdMode(); // no advertisement for tfjs-node

export function tensors(arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

/** Weights with every matrix away from its special start (zeros, equal maps), so that each of them matters. */
export function restlessWeights(config: MemoryConfig, seed: number): Record<string, HostArray> {
  const random = Random.seeded(seed);
  const arrays = Object.entries(initMemory(config, random)).map(([name, { shape, data }]) => {
    const noise = normalArray(random, shape, 0.2).data;
    return [name, { shape, data: Float32Array.from(data, (value, index) => value + (noise[index] ?? 0)) }] as const;
  });
  return Object.fromEntries(arrays);
}

/** Random vectors `[B, T, D]`. */
export function randomVectors(seed: number, ...shape: [number, number, number]): HostArray {
  return normalArray(Random.seeded(seed), shape, 1);
}

/** The memory's cells on the CPU; `calls` lists what it ran. */
export function cpuExecutor(weights: HostArrays, config: MemoryConfig): Executor & { readonly calls: string[] } {
  const executor = createTfjsExecutor(memoryCells(config), weights);
  const calls: string[] = [];
  const run = (cell: string, inputs: HostArrays): Promise<HostArrays> => {
    calls.push(cell);
    return executor.run(cell, inputs);
  };
  return { ...executor, run, calls };
}

/** Rows `start` to `end` of sequence `index` of `vectors`, `[B, T, D]`, with keys and values, as cell `encode` gives them. */
export function chunkOf(
  weights: Weights,
  config: MemoryConfig,
  { shape, data }: HostArray,
  index: number,
  start: number,
  end: number,
): MemoryRows {
  const [, length = 0, depth = 0] = shape;
  const vectors = Float32Array.from(data.subarray((index * length + start) * depth, (index * length + end) * depth));
  if (vectors.length === 0) return { vectors, keys: vectors, values: vectors };
  return tf.tidy(() => {
    const { keys, values } = projectEntries(weights, config, tf.tensor3d(vectors, [1, end - start, depth]));
    return { vectors, keys: keys.dataSync() as Float32Array, values: values.dataSync() as Float32Array };
  });
}

/** The largest absolute difference; NaN where lengths differ or a number is not one. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  return Array.from(a).reduce((worst, value, index) => {
    const gap = Math.abs(value - (b[index] ?? Number.NaN));
    return gap <= worst ? worst : gap;
  }, 0);
}

/** The memory's cells run by plain tfjs, as an executor would: for tests of what is built on them. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { initMemory } from '../../src/memory/init.ts';
import { projectEntries, read } from '../../src/memory/read.ts';
import type { MemoryRows } from '../../src/memory/state.ts';
import { summarise } from '../../src/memory/summarise.ts';
import type { Weights } from '../../src/model/cell.ts';
import type { Executor } from '../../src/runtime/executor.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

export function tensors(arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

/** Weights with every matrix away from its special start (zeros, equal maps), so that each of them matters. */
export function restlessWeights(config: MemoryConfig, seed: number): Record<string, tf.Tensor> {
  const random = Random.seeded(seed);
  const arrays = Object.entries(initMemory(config, random)).map(([name, { shape, data }]) => {
    const noise = normalArray(random, shape, 0.2).data;
    return [name, { shape, data: Float32Array.from(data, (value, index) => value + (noise[index] ?? 0)) }] as const;
  });
  return tensors(Object.fromEntries(arrays));
}

/** Random vectors `[B, T, D]`. */
export function randomVectors(seed: number, ...shape: [number, number, number]): HostArray {
  return normalArray(Random.seeded(seed), shape, 1);
}

export function cpuExecutor(weights: Weights, config: MemoryConfig): Executor & { readonly calls: string[] } {
  const calls: string[] = [];
  const cells: Record<string, (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>> = {
    summariseLeaf: (inputs) => summarise(weights, config, inputs as Parameters<typeof summarise>[2], 'leaf'),
    summariseInner: (inputs) => summarise(weights, config, inputs as Parameters<typeof summarise>[2], 'inner'),
    read: (inputs) => read(weights, config, inputs as Parameters<typeof read>[2]),
  };
  return {
    name: 'tfjs-cpu',
    calls,
    run: (cell, inputs) => {
      calls.push(cell);
      const outputs = tf.tidy(() => cells[cell]?.(tensors(inputs)) ?? {});
      const arrays = Object.entries(outputs).map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: tensor.dataSync() as Float32Array },
      ]);
      tf.dispose(outputs);
      return Promise.resolve(Object.fromEntries(arrays) as HostArrays);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
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

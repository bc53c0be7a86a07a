import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { Cell } from './cell.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { assertCellInputs } from './executor.ts';
import type { Executor } from './executor.ts';

/**
 * Runs cells in tfjs on the current backend: the reference that exported graphs are held against, and what computes
 * where onnxruntime cannot be had. Holds a copy of `weights` on the backend until it is disposed of.
 */
export function createTfjsExecutor(cells: readonly Cell[], weights: HostArrays): Executor {
  const byName = new Map(cells.map((cell) => [cell.name, cell]));
  const held = Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, tf.keep(toTensor(array))]));
  const cellNamed = (name: string): Cell => {
    const cell = byName.get(name);
    if (cell !== undefined) return cell;
    const known = [...byName.keys()].join(', ');
    throw new HearkenError('executor/unknown-cell', `Expected \`cell\` in ${known}, got ${name}`);
  };
  return {
    name: `tfjs-${tf.getBackend()}`,
    inputs: async (name) => cellNamed(name).inputs,
    run: async (name, inputs) => {
      const cell = cellNamed(name);
      assertCellInputs(name, cell.inputs, inputs);
      return toHostArrays(compute(cell, held, inputs));
    },
    [Symbol.asyncDispose]: async () => tf.dispose(held),
  };
}

/** The outputs that `cell` declares, each a tensor of its own. */
function compute(cell: Cell, weights: Record<string, tf.Tensor>, inputs: HostArrays): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, toTensor(array)]));
    const results = cell.run(weights, tensors);
    return Object.fromEntries(
      Object.keys(cell.outputs).map((name) => {
        const result = results[name];
        if (result === undefined) {
          throw new HearkenError('executor/output', `Expected cell \`${cell.name}\` to give \`${name}\`, got none`);
        }
        return [name, tf.clone(result)]; // outputs may be one tensor, or an input
      }),
    );
  });
}

async function toHostArrays(tensors: Record<string, tf.Tensor>): Promise<HostArrays> {
  try {
    const entries = Object.entries(tensors).map(async ([name, tensor]): Promise<[string, HostArray]> => {
      const data = await tensor.data<'float32' | 'int32'>();
      // A backend may keep what was cast from booleans as bytes.
      const isOtherwise = tensor.dtype === 'float32' && !(data instanceof Float32Array);
      return [name, { shape: tensor.shape, data: isOtherwise ? Float32Array.from(data) : data }];
    });
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    tf.dispose(tensors);
  }
}

function toTensor({ shape, data }: HostArray): tf.Tensor {
  return tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32');
}

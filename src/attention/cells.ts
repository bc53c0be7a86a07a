/** A mechanism as cells, which executors run, and which are exported to ONNX. Axes: B batch, E entries. */
import type * as tf from '@tensorflow/tfjs-core';

import { tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { Cell } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import { prefixed, under } from './named-weights.ts';
import type { AttentionMechanism, AttentionSizes } from './mechanism.ts';

const STATE = 'state.';
const WEIGHTS = 'attention.'; // a graph's weights and inputs cannot share a name

/**
 * `prepare` (`entries` `[B, E, X]` to `keys` `[B, E, K]`) and `attend` (`query`, `keys`, `values`, `bias` and the states
 * as `state.*`, to `context`, `alignment` and the states). Weights are the mechanism's as `attention.*`.
 *
 * @example
 * ```ts
 * import { attentionCells, location } from 'hearken/attention';
 *
 * const [prepare, attend] = attentionCells(location, { queryDepth: 6, memoryDepth: 4, attentionUnits: 5 });
 * console.log(prepare.name, Object.keys(prepare.inputs), Object.keys(prepare.outputs));
 * console.log(attend.name, Object.keys(attend.inputs), Object.keys(attend.outputs));
 * // => prepare [ 'entries' ] [ 'keys' ]
 * // => attend [ 'query', 'keys', 'values', 'bias', 'state.alignment' ] [ 'context', 'alignment', 'state.alignment' ]
 * ```
 */
export function attentionCells(mechanism: AttentionMechanism, sizes: AttentionSizes): readonly [Cell, Cell] {
  const { queryDepth, memoryDepth, valueDepth = memoryDepth } = sizes;
  const keys = floats('B', 'E', mechanism.keyDepth(sizes));
  const states = prefixed(mechanism.states, STATE);
  const prepare: Cell = {
    name: 'prepare',
    inputs: { entries: floats('B', 'E', memoryDepth) },
    outputs: { keys },
    run: (weights, inputs) => ({
      keys: mechanism.keys(under(weights, WEIGHTS), tensor3(inputs, 'entries')),
    }),
  };
  const attend: Cell = {
    name: 'attend',
    inputs: {
      query: floats('B', queryDepth),
      keys,
      values: floats('B', 'E', valueDepth),
      bias: floats('B', 'E'),
      ...states,
    },
    outputs: { context: floats('B', valueDepth), alignment: floats('B', 'E'), ...states },
    run: (weights, inputs) => {
      // Ranks as the specs above say.
      const prepared = {
        keys: tensor3(inputs, 'keys'),
        values: tensor3(inputs, 'values'),
        bias: tensor2(inputs, 'bias'),
      };
      const before = under(inputs, STATE) as Record<string, tf.Tensor2D>;
      const { context, alignment, state } = mechanism.attend(
        under(weights, WEIGHTS),
        tensor2(inputs, 'query'),
        prepared,
        before,
      );
      return { context, alignment, ...prefixed(state, STATE) };
    },
  };
  return [prepare, attend];
}

function floats(...shape: readonly (string | number)[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

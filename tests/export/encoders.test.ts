import '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { floats, type TensorSpec } from '../../src/cell/tensor-spec.ts';
import { tensor1, tensor3 } from '../../src/cell/typed-tensors.ts';
import { type EncoderConfig, encoderDepth, isCausal } from '../../src/encoder/config.ts';
import { noDropout } from '../../src/encoder/dropout.ts';
import { encode, encoderStates, initEncoder } from '../../src/encoder/encoder.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

const DEPTH = 5;
const ENCODERS: EncoderConfig[] = [
  { kind: 'pair', units: 8 },
  { kind: 'gru', units: 8, layers: 2 },
  { kind: 'rnn', units: 8, layers: 2 },
  { kind: 'delta', units: 8, layers: 2, heads: 2, keyDepth: 3 },
  { kind: 'dilated', units: 8, kernel: 2, dilations: [1, 2, 4] },
  { kind: 'surprise', units: 8, heads: 2, kept: 3 },
  { kind: 'self-attention', units: 8, layers: 2, heads: 2, window: 4 },
  { kind: 'stacked', below: { kind: 'lstm', units: 8, layers: 1 }, above: { kind: 'gru', units: 4, layers: 1 } },
  { kind: 'self-attention', units: 8, layers: 1, heads: 2, window: 1 },
  { kind: 'self-attention', units: 8, layers: 1, heads: 2, direction: 'both' },
  { kind: 'lstm', units: 8, layers: 2, direction: 'both' },
];

beforeAll(() => loadBackend('cpu'));

function encodeCell(config: EncoderConfig): Cell {
  const states = encoderStates(config, DEPTH);
  const depth = encoderDepth(config, DEPTH);
  const lengths: Record<string, TensorSpec> = isCausal(config) ? {} : { lengths: { shape: ['B'], dtype: 'int32' } };
  return {
    name: 'encode',
    inputs: { inputs: floats('B', 'T', DEPTH), ...lengths, ...states },
    outputs: {
      vectors: floats('B', 'T', depth),
      ...(isCausal(config) ? {} : { final: floats('B', depth) }),
      ...states,
    },
    run: (weights, inputs) => {
      const ends = isCausal(config) ? undefined : tensor1(inputs, 'lengths');
      const {
        vectors,
        final,
        states: next,
      } = encode(weights, config, tensor3(inputs, 'inputs'), inputs, noDropout, ends);
      return { vectors, ...(final === undefined ? {} : { final }), ...next };
    },
  };
}

/** Weights as after training: none at the zero that it started from. */
function trainedWeights(config: EncoderConfig): HostArrays {
  const random = Random.seeded(3);
  const first = Object.entries(initEncoder(config, DEPTH, random));
  return Object.fromEntries(first.map(([name, { shape }]) => [name, normalArray(random, shape, 0.3)]));
}

test.each(ENCODERS)('an encoder of kind $kind computes in onnxruntime what it computes in tfjs', async (config) => {
  const { worstDifference } = await exportCell(encodeCell(config), trainedWeights(config));
  expect(worstDifference).toBeLessThan(1e-4);
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { nativeGru } from '../../src/encoder/gru-native.ts';
import { type GruInputs, gruSequence, unrolledGru } from '../../src/encoder/gru-sequence.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

const [B, D, H] = [3, 4, 6];

function argumentsOf(length: number, seed: number): tf.Tensor[] {
  const random = Random.seeded(seed);
  const tensor = (...shape: number[]): tf.Tensor => tf.tensor(normalArray(random, shape, 0.7).data, shape);
  return [tensor(length, B, D), tensor(D + H, 3 * H), tensor(3 * H), tensor(H), tensor(B, H)];
}

function inputsOf([inputs, kernel, bias, candidateBias, hidden]: readonly tf.Tensor[]): GruInputs {
  return { inputs, kernel, bias, candidateBias, hidden } as GruInputs; // in the order of `argumentsOf`
}

/** Of all outputs, and of the last once more, each with a weight of its own. */
function lossOf(run: typeof gruSequence): (...given: tf.Tensor[]) => tf.Scalar {
  return (...given) => {
    const { outputs, hidden } = run(inputsOf(given));
    const weights = tf.randomNormal(outputs.shape, 0, 1, 'float32', 5);
    return tf.add<tf.Scalar>(tf.sum(tf.mul(weights, outputs)), tf.sum(tf.square(hidden)));
  };
}

async function worst(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  return (await tf.max(tf.abs(tf.sub(a, b))).data())[0] ?? Number.NaN;
}

const native = await loadBackend('tensorflow').then(
  () => true,
  () => false,
);

describe.skipIf(!native)('the native GRU (needs `npm run setup:native`)', () => {
  test.each([1, 2, 7])('equals the unrolled form over %i vectors, outputs and all five gradients', async (length) => {
    const given = argumentsOf(length, length);
    const fast = tf.valueAndGrads(lossOf(nativeGru))(given);
    const unrolled = tf.valueAndGrads(lossOf(unrolledGru))(given);
    expect(await worst(nativeGru(inputsOf(given)).outputs, unrolledGru(inputsOf(given)).outputs)).toBeLessThan(1e-6);
    expect(await worst(fast.value, unrolled.value)).toBeLessThan(1e-5);
    expect(fast.grads).toHaveLength(5);
    for (const [index, gradient] of fast.grads.entries()) {
      expect(gradient.shape).toEqual(given[index]!.shape);
      expect(await worst(gradient, unrolled.grads[index]!)).toBeLessThan(1e-5);
    }
  });

  test('leaves no tensor behind, of tfjs or below it', () => {
    const given = argumentsOf(5, 1);
    const backend = tf.backend() as unknown as { binding: { getNumOfTensors(): number } }; // tfjs-node's
    const count = (): number[] => [tf.memory().numTensors, backend.binding.getNumOfTensors()];
    const step = (): void => {
      const { value, grads } = tf.valueAndGrads(lossOf(gruSequence))(given);
      tf.dispose([value, grads]);
    };
    step();
    const before = count();
    step();
    expect(count()).toEqual(before);
  });
});

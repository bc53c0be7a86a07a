import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { rnnSequence } from '../../src/encoder/rnn-sequence.ts';
import { randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [LENGTH, BATCH, DEPTH, UNITS] = [5, 2, 3, 4];

describe('rnnSequence', () => {
  test('agrees with its equation written as loops', () => {
    const inputs = randomTensor(1, LENGTH, BATCH, DEPTH) as tf.Tensor3D; // of these axes, as the others
    const kernel = randomTensor(2, DEPTH + UNITS, UNITS) as tf.Tensor2D;
    const bias = randomTensor(3, UNITS) as tf.Tensor1D;
    const start = randomTensor(4, BATCH, UNITS) as tf.Tensor2D;
    const { outputs, hidden } = rnnSequence({ inputs, kernel, bias, hidden: start });
    const [x, w, b] = [inputs.arraySync(), kernel.arraySync(), bias.arraySync()];
    let states = start.arraySync();
    for (let time = 0; time < LENGTH; time++) {
      states = states.map((state, row) => {
        const seen = [...x[time]![row]!, ...state];
        return b.map((offset, unit) => Math.tanh(seen.reduce((sum, value, i) => sum + value * w[i]![unit]!, offset)));
      });
      const got = outputs.arraySync()[time]!;
      for (const [row, state] of states.entries()) {
        for (const [unit, value] of state.entries()) expect(got[row]![unit]).toBeCloseTo(value, 6);
      }
    }
    expect(hidden.arraySync()).toEqual(outputs.arraySync()[LENGTH - 1]);
  });

  test('names what does not fit', () => {
    const given = { inputs: tf.zeros<tf.Rank.R3>([2, 1, 3]), bias: tf.zeros<tf.Rank.R1>([4]) };
    const hidden = tf.zeros<tf.Rank.R2>([1, 4]);
    expect(() => rnnSequence({ ...given, hidden, kernel: tf.zeros([6, 4]) })).toThrow(/kernel/);
    expect(() => rnnSequence({ ...given, hidden: tf.zeros([2, 4]), kernel: tf.zeros([7, 4]) })).toThrow(/hidden/);
  });
});

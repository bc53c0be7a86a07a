import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { paddingBias, Random, tensorsOf } from '../../src/attention/index.ts';
import { type DecoderConfig, initDecoder, unrollDecoder } from '../../src/decoder/index.ts';
import { averageLagging, expectedDelays } from '../../src/losses/index.ts';
import { gradientErrors, randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The lagging of hard stops at the entries `heard` (from 1), as the paper's equations have it. */
function laggingOf(heard: readonly number[], inputs: number): number {
  const pace = inputs / heard.length;
  let [paced, sum] = [-Infinity, 0];
  for (const [step, delay] of heard.entries()) {
    paced = Math.max(delay, paced + pace);
    sum += paced - step * pace;
  }
  return sum / heard.length;
}

describe('average lagging', () => {
  test('is that of the equations, for hard stops and rows of any length', () => {
    const rows = fc.integer({ min: 1, max: 6 }).chain((inputs) =>
      fc.record({
        inputs: fc.constant(inputs),
        heard: fc
          .array(fc.integer({ min: 1, max: inputs }), { minLength: 1, maxLength: 5 })
          .map((x) => x.toSorted((a, b) => a - b)),
      }),
    );
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 3 }), (batch) => {
        const stops = tf.tensor3d(
          batch.map(({ heard }) =>
            Array.from({ length: 5 }, (_, step) =>
              Array.from({ length: 6 }, (_e, entry) => (heard[step] === entry + 1 ? 1 : 0)),
            ),
          ),
        );
        const inputLengths = batch.map(({ inputs }) => inputs);
        const outputLengths = batch.map(({ heard }) => heard.length);
        const expected = batch.reduce((sum, { heard, inputs }) => sum + laggingOf(heard, inputs), 0) / batch.length;
        expect(averageLagging({ stops, inputLengths, outputLengths }).arraySync()).toBeCloseTo(expected, 4);
      }),
    );
  });

  test('counts what stops nowhere as having heard all', () => {
    const stops = tf.tensor3d([[[0.5, 0, 0, 0]]]);
    expect(expectedDelays({ stops, inputLengths: [4] }).arraySync()).toEqual([[0.5 + 2]]);
  });

  test('has the gradient that finite differences give', () => {
    const logits = randomTensor(1, 2, 3, 5);
    const loss = ({ x }: Record<string, tf.Tensor>): tf.Scalar => {
      const stops = tf.softmax(x as tf.Tensor3D);
      return averageLagging({ stops, inputLengths: [5, 3], outputLengths: [3, 2] });
    };
    expect(gradientErrors(loss, { x: logits })['x']).toBeLessThan(1e-3);
  });

  test('names lengths that do not fit', () => {
    const stops = tf.zeros<tf.Rank.R3>([1, 2, 3]);
    expect(() => averageLagging({ stops, inputLengths: [4], outputLengths: [2] })).toThrow(
      'Expected 1 `inputLengths` in 1..3, got [4]',
    );
    expect(() => averageLagging({ stops, inputLengths: [3], outputLengths: [0] })).toThrow('`outputLengths` in 1..2');
  });

  test.each(['monotonic', 'mocha', 'milk'] as const)('falls when a %s decoder is trained by it alone', (kind) => {
    const sizes = { units: 6, attentionUnits: 6, embedding: 4, dropout: 0 };
    const attention = kind === 'monotonic' ? { kind } : { kind, score: 'additive' as const, chunk: 2 };
    const parts = { order: 'luong', cell: 'gru', inputFeeding: true, firstState: 'zeros' } as const;
    const config: DecoderConfig = { ...parts, attention, ...sizes };
    const weights = tensorsOf(initDecoder(config, { depth: 5, labelCount: 3 }, Random.seeded(1)));
    const memory = { entries: randomTensor(2, 2, 8, 5) as tf.Tensor3D, bias: paddingBias([8, 6], 8) };
    const targets = tf.tensor2d(
      [
        [1, 2, 3],
        [2, 1, 0],
      ],
      [2, 3],
      'int32',
    );
    const lagging = (offset: tf.Tensor): tf.Scalar => {
      const name = `decoder.attention.${kind === 'monotonic' ? 'offset' : 'stop.offset'}`;
      const { stops } = unrollDecoder({ ...weights, [name]: offset }, config, { ...memory, targets });
      return averageLagging({ stops: stops!, inputLengths: [8, 6], outputLengths: [4, 3] });
    };
    let offset: tf.Tensor = tf.tensor1d([-1]);
    const before = lagging(offset).arraySync();
    for (let step = 0; step < 5; step++) offset = tf.sub(offset, tf.mul(tf.grad(lagging)(offset), 0.5));
    expect(lagging(offset).arraySync()).toBeLessThan(before - 0.2);
  });
});

test('attention that never stops has no stops to lag by', () => {
  const sizes = { units: 6, attentionUnits: 6, embedding: 4, dropout: 0 };
  const parts = { order: 'luong', cell: 'gru', inputFeeding: true, firstState: 'zeros' } as const;
  const config: DecoderConfig = { ...parts, attention: { kind: 'global', score: 'additive' }, ...sizes };
  const weights = tensorsOf(initDecoder(config, { depth: 5, labelCount: 3 }, Random.seeded(1)));
  const memory = { entries: tf.ones<tf.Rank.R3>([1, 4, 5]), bias: paddingBias([4], 4) };
  const targets = tf.tensor2d([[1]], [1, 1], 'int32');
  expect(unrollDecoder(weights, config, { ...memory, targets })).not.toHaveProperty('stops');
});

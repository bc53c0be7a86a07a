import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { paddingBias } from '../../src/attention/hidden.ts';
import { decodeStep, initDecoder, prepareDecoderMemory } from '../../src/decoder/decoder.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { Random } from '../../src/tensor/random.ts';
import { randomTensor } from '../attention/finite-differences.ts';
import { gap, ORDERS, RECURRENT, SCORES } from './example.ts';

beforeAll(() => tf.setBackend('cpu'));

const anything = fc.record({
  order: fc.constantFrom(...ORDERS),
  score: fc.constantFrom(...SCORES),
  batch: fc.integer({ min: 1, max: 4 }),
  entries: fc.integer({ min: 1, max: 30 }),
  depth: fc.integer({ min: 1, max: 5 }),
  units: fc.integer({ min: 1, max: 5 }),
  attentionUnits: fc.integer({ min: 1, max: 5 }),
  embedding: fc.integer({ min: 1, max: 4 }),
  labelCount: fc.integer({ min: 1, max: 5 }),
  length: fc.integer({ min: 0, max: 4 }),
  /** Of the entries: also far beyond what an encoder gives. */ loudness: fc.constantFrom(0, 1, 1e4),
  seed: fc.nat(),
});

test('a decoder of any size gives distributions, the same ones a step at a time and unrolled', () => {
  fc.assert(
    fc.property(
      anything,
      ({ order, score, batch, entries: count, depth, length, loudness, seed, labelCount, ...sizes }) => {
        tf.engine().startScope();
        const config = {
          ...sizes,
          ...RECURRENT,
          order,
          attention: { kind: 'global', score } as const,
          dropout: 0,
          units: ['dot', 'cosine'].includes(score) ? depth : sizes.units,
        };
        const random = Random.seeded(seed);
        const weights = Object.fromEntries(
          Object.entries(initDecoder(config, { depth, labelCount }, random)).map(([name, { shape, data }]) => [
            name,
            tf.tensor(data, [...shape]),
          ]),
        );
        const entries = tf.mul<tf.Tensor3D>(randomTensor(seed, batch, count, depth), loudness);
        const bias = paddingBias(
          Array.from({ length: batch }, () => 1 + random.integer(count)),
          count,
        );
        const labels = Array.from({ length: batch * length }, () => 1 + random.integer(labelCount));
        const targets = tf.tensor2d(labels, [batch, length], 'int32');
        const { logits, alignment } = unrollDecoder(weights, config, { entries, bias, targets });
        expect(gap(tf.sum(alignment, 2), tf.ones([batch, length + 1]))).toBeLessThan(1e-5);

        const keys = prepareDecoderMemory(weights, config, entries);
        const hidden = tf.zeros([batch, config.units]);
        let state: Record<string, tf.Tensor> = {
          'state.hidden': hidden,
          'state.attentional': hidden,
          'state.alignment': tf.zeros([batch, count]),
        };
        const tokens = tf.unstack(tf.concat([tf.zeros([batch, 1], 'int32'), targets], 1), 1) as tf.Tensor1D[];
        const steps = tokens.map((token) => {
          const step = decodeStep(weights, config, { token, keys, values: entries, bias, state });
          ({ state } = step);
          return step.logProbabilities;
        });
        expect(gap(tf.stack(steps, 1), tf.logSoftmax(logits))).toBeLessThan(1e-5);
        tf.engine().endScope();
      },
    ),
    { numRuns: 60 },
  );
});

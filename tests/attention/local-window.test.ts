import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  type AttentionMechanism,
  general,
  localMonotonic,
  type LocalOptions,
  localPredictive,
  location,
  paddingBias,
  Random,
  type ScoredAttention,
  tensorsOf,
} from '../../src/attention/index.ts';
import { gap } from './family.ts';
import { randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, DEPTH] = [2, 3];
const SIZES = { queryDepth: DEPTH, memoryDepth: DEPTH, attentionUnits: 4 };

const MAKERS: Readonly<Record<string, (options: LocalOptions) => AttentionMechanism>> = {
  localMonotonic,
  localPredictive,
};

describe.each(Object.entries(MAKERS))('%s of its window', (_, make) => {
  test('is what it is over all entries with the far ones hidden, query after query', () => {
    const cases = fc.record({
      reach: fc.integer({ min: 1, max: 4 }),
      counts: fc.array(fc.integer({ min: 1, max: 17 }), { minLength: BATCH, maxLength: BATCH }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(cases, ({ reach, counts, seed }) => {
        tf.tidy(() => {
          const mechanisms = [make({ reach }), make({ reach, padding: 'behind' })];
          const arrays = mechanisms[0]?.init(SIZES, Random.seeded(seed)) ?? {};
          const weights = tensorsOf(arrays);
          const values = randomTensor(seed + 1, BATCH, 17, DEPTH) as tf.Tensor3D;
          const memory = { values, bias: paddingBias(counts, 17) };
          const runs = mechanisms.map((mechanism) => {
            const prepared = mechanism.prepare(weights, memory);
            let state = mechanism.start(prepared);
            return [0, 1, 2, 3, 4].map((step) => {
              const query = randomTensor(seed + 2 + step, BATCH, DEPTH) as tf.Tensor2D;
              const attended = mechanism.attend(weights, query, prepared, state);
              ({ state } = attended);
              return attended;
            });
          });
          const [masked = [], cut = []] = runs;
          for (const [step, { alignment, context }] of masked.entries()) {
            expect(gap(alignment, cut[step]?.alignment ?? tf.zeros([1]))).toBeLessThan(1e-6);
            expect(gap(context, cut[step]?.context ?? tf.zeros([1]))).toBeLessThan(1e-5);
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  test('scores the entries of the window, however many there are', () => {
    const seen: number[] = [];
    const attention: ScoredAttention = {
      ...general,
      scoring: {
        ...general.scoring,
        score: (weights, inputs) => {
          seen.push(inputs.keys.shape[1]);
          return general.scoring.score(weights, inputs);
        },
      },
    };
    const mechanism = make({ reach: 2, padding: 'behind', attention });
    const weights = tensorsOf(mechanism.init(SIZES, Random.seeded(1)));
    for (const entries of [4, 50, 500]) {
      const prepared = mechanism.prepare(weights, {
        values: tf.ones([1, entries, DEPTH]),
        bias: tf.zeros([1, entries]),
      });
      mechanism.attend(weights, tf.ones([1, DEPTH]), prepared, mechanism.start(prepared));
    }
    expect(seen).toEqual([5, 5, 5]);
  });

  test('refuses a score that reads the alignment before', () => {
    expect(() => make({ reach: 2, padding: 'behind', attention: location })).toThrow(
      "Expected `padding` to be 'anywhere'",
    );
  });
});

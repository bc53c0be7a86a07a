import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { type DeltaInputs, deltaSequence } from '../../src/encoder/delta-rule.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';
import { gap } from '../decoder/example.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, HEADS, KEYS, VALUES] = [2, 2, 3, 4];

/** Keys of which many are alike, so that what is written is replaced again and again. */
function example(length: number, seed: number): DeltaInputs {
  const random = (offset: number, width: number, scale = 1): tf.Tensor4D =>
    tf.mul(randomTensor(seed + offset, length, BATCH, HEADS, width), scale);
  const unit = (x: tf.Tensor4D): tf.Tensor4D => tf.div(x, tf.norm(x, 'euclidean', -1, true));
  const keys = tf.add<tf.Tensor4D>(random(1, KEYS, 0.3), 1);
  return {
    queries: unit(random(2, KEYS)),
    keys: unit(keys),
    values: random(3, VALUES),
    write: tf.sigmoid(random(4, 1, 2)),
    logKeep: tf.neg(tf.softplus(random(5, 1))),
    state: randomTensor(seed + 6, BATCH, HEADS, KEYS, VALUES) as tf.Tensor4D, // of four axes
  };
}

/** The rule as its equations are written, a time, a row and a head after the other. */
function byLoops(given: DeltaInputs): { outputs: number[][][][]; state: number[][][][] } {
  const [q, k, v] = [given.queries.arraySync(), given.keys.arraySync(), given.values.arraySync()];
  const [write, logKeep] = [given.write.arraySync(), given.logKeep.arraySync()];
  const state = given.state.arraySync();
  const outputs = k.map((rows, time) =>
    rows.map((heads, row) =>
      heads.map((key, head) => {
        const own = state[row]![head]!;
        const keep = Math.exp(logKeep[time]![row]![head]![0]!);
        const [value, query] = [v[time]![row]![head]!, q[time]![row]![head]!];
        for (const line of own) for (const i of line.keys()) line[i]! *= keep;
        const told = value.map((_, i) => key.reduce((sum, each, c) => sum + each * own[c]![i]!, 0));
        for (const [c, each] of key.entries()) {
          for (const i of value.keys()) own[c]![i]! += each * write[time]![row]![head]![0]! * (value[i]! - told[i]!);
        }
        return value.map((_, i) => query.reduce((sum, each, c) => sum + each * own[c]![i]!, 0));
      }),
    ),
  );
  return { outputs, state };
}

describe('deltaSequence', () => {
  test.each([1, 7, 32, 33, 100])(
    'over %d vectors, chunks at once give what one vector after the other gives',
    (length) => {
      const given = example(length, 10 * length);
      const expected = byLoops(given);
      const { outputs, state } = deltaSequence(given);
      expect(gap(outputs, tf.tensor4d(expected.outputs))).toBeLessThan(1e-5);
      expect(gap(state, tf.tensor4d(expected.state))).toBeLessThan(1e-5);
    },
  );

  test('agrees with the same rule in NumPy, by matrices, in double precision', () => {
    type Plain = { readonly shape: [number, number, number, number]; readonly data: number[] };
    const file = new URL('../golden/encoder/delta-rule.json', import.meta.url);
    const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<keyof DeltaInputs | 'outputs' | 'after', Plain>;
    const named = (name: keyof typeof golden): tf.Tensor4D => tf.tensor4d(golden[name].data, golden[name].shape);
    const { outputs, state } = deltaSequence({
      queries: named('queries'),
      keys: named('keys'),
      values: named('values'),
      write: named('write'),
      logKeep: named('logKeep'),
      state: named('state'),
    });
    expect(gap(outputs, named('outputs'))).toBeLessThan(1e-5);
    expect(gap(state, named('after'))).toBeLessThan(1e-5);
  });

  test('goes on from its state wherever a stream is cut', () => {
    const given = example(70, 3);
    const whole = deltaSequence(given);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 69 }), { maxLength: 6 }), (cuts) => {
        let { state } = given;
        let start = 0;
        const outputs = [...cuts.toSorted((a, b) => a - b), 70].map((end) => {
          const part = (x: tf.Tensor4D): tf.Tensor4D => tf.slice(x, start, end - start);
          const { queries, keys, values, write, logKeep } = given;
          const run = deltaSequence({
            queries: part(queries),
            keys: part(keys),
            values: part(values),
            write: part(write),
            logKeep: part(logKeep),
            state,
          });
          [state, start] = [run.state, end];
          return run.outputs;
        });
        expect(gap(tf.concat(outputs), whole.outputs)).toBeLessThan(1e-5);
        expect(gap(state, whole.state)).toBeLessThan(1e-5);
      }),
      { numRuns: 8 },
    );
  });

  test('what is written of a key comes back whole, and a second value takes the place of the first', () => {
    const ones = (...shape: [number, number, number, number]): tf.Tensor4D => tf.ones(shape);
    const key = tf.tensor4d([0.6, 0.8], [1, 1, 1, 2]);
    const keys = tf.tile(key, [40, 1, 1, 1]); // the same key forty times: powers of the system would lose it
    const values = tf.tensor4d(
      Float32Array.from({ length: 40 }, (_, time) => time),
      [40, 1, 1, 1],
    );
    const write = ones(40, 1, 1, 1);
    const { outputs } = deltaSequence({
      queries: keys,
      keys,
      values,
      write,
      logKeep: tf.zerosLike(write),
      state: tf.zeros([1, 1, 2, 1]),
    });
    expect(gap(outputs, values)).toBeLessThan(1e-4);
  });

  test('has the gradients that finite differences give, over several chunks', () => {
    const given = example(40, 5);
    const errors = gradientErrors((at) => {
      const { outputs, state } = deltaSequence({ ...given, ...at });
      return tf.add(mixed(outputs), mixed(state));
    }, given);
    expect(Object.entries(errors).filter(([, error]) => error > 1e-2)).toEqual([]);
  });
});

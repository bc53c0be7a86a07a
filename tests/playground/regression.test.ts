import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { answerAt, weightsAt } from '../../playground/regression/regression.ts';
import { paddingBias } from '../../src/attention/hidden.ts';
import { type Kernel, kernelRegression } from '../../src/attention/kernel-regression.ts';

beforeAll(() => tf.setBackend('cpu'));

test("the page's regression answers as the library's does, for every kernel", () => {
  const number = fc.double({ min: -4, max: 4, noNaN: true });
  const points = fc.array(fc.record({ x: number, y: number }), { minLength: 1, maxLength: 9 });
  const kernel = fc.constantFrom<Kernel>('gaussian', 'boxcar', 'epanechnikov');
  const width = fc.double({ min: 0.5, max: 4, noNaN: true });
  fc.assert(
    fc.property(points, number, kernel, width, (given, query, name, wide) => {
      const entries = given.map(({ x, y }) => ({ x: Math.fround(x), y: Math.fround(y) }));
      // On the very edge of a bounded kernel rounding decides.
      fc.pre(entries.every(({ x }) => Math.abs(Math.abs(x - query) / wide - 1) > 1e-4));
      tf.tidy(() => {
        const keys = tf.tensor3d([entries.map(({ x }) => [x])]);
        const values = tf.tensor3d([entries.map(({ y }) => [y])]);
        const regression = kernelRegression({ kernel: name, width: wide });
        const prepared = regression.prepare({}, { keys, values, bias: paddingBias([entries.length], entries.length) });
        const { context, alignment } = regression.attend({}, tf.tensor2d([[query]]), prepared, {});
        expect(answerAt(entries, query, name, wide)).toBeCloseTo(context.dataSync()[0]!, 3);
        for (const [index, weight] of weightsAt(entries, query, name, wide).entries()) {
          expect(weight).toBeCloseTo(alignment.dataSync()[index]!, 4);
        }
      });
    }),
  );
});

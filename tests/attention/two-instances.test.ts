/** Tensors of a copy of tfjs-core that is not the one which hearken has imported. */
import '@tensorflow/tfjs-backend-cpu';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { additive, paddingBias, Random, tensorsOf } from '../../src/attention/index.ts';
import { gap } from './family.ts';

const require = createRequire(import.meta.url);
const ROOT = path.resolve(import.meta.dirname, '../..');
const COPY = path.join(ROOT, `.runs/second-tfjs-${process.pid}`); // inside, so that it finds what tfjs-core imports

beforeAll(async () => {
  await tf.setBackend('cpu');
  await mkdir(COPY, { recursive: true });
  const built = path.join(ROOT, 'node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js');
  await cp(built, path.join(COPY, 'tf-core.node.cjs'));
});
afterAll(() => rm(COPY, { recursive: true, force: true }));

test('tensors and gradients of a second copy of tfjs-core work, since both have the one engine of the process', () => {
  const other = require(path.join(COPY, 'tf-core.node.cjs')) as typeof tf; // a copy of its own build
  expect(other.Tensor).not.toBe(tf.Tensor);
  expect(other.engine()).toBe(tf.engine());
  const weights = tensorsOf(additive.init({ queryDepth: 3, memoryDepth: 2, attentionUnits: 4 }, Random.seeded(1)));
  const looked = (own: typeof tf): [tf.Tensor, tf.Tensor] => {
    const values = own.tensor3d([
      [
        [1, 2],
        [3, -1],
        [0, 1],
      ],
    ]);
    const prepared = additive.prepare(weights, { values, bias: paddingBias([3], 3) });
    const loss = (query: tf.Tensor): tf.Scalar =>
      own.sum(own.square(additive.attend(weights, query as tf.Tensor2D, prepared, {}).context));
    const query = own.tensor2d([[0.5, -1, 2]]);
    return [additive.attend(weights, query, prepared, {}).context, own.grad(loss)(query)];
  };
  const [[context, gradient], [otherContext, otherGradient]] = [looked(tf), looked(other)];
  expect(gap(context, otherContext)).toBe(0);
  expect(gap(gradient, otherGradient)).toBe(0);
  expect(gap(gradient, tf.zerosLike(gradient))).toBeGreaterThan(0);
});

import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { type Case, expectAgreement, FULL, type Given } from './operation-cells.ts';

const positive = ({ x }: Given): tf.Tensor3D => tf.add(tf.abs(x), 0.5);

const ELEMENTWISE: Case[] = [
  ['abs', FULL, ({ x }) => tf.abs(x)],
  ['add, broadcast', FULL, ({ x, w }) => tf.add(x, tf.slice(w, [0, 0], [4, 1]).reshape([4]))],
  ['addN', FULL, ({ x }) => tf.addN([x, x, x])],
  ['ceil', FULL, ({ x }) => tf.ceil(x)],
  ['clipByValue', FULL, ({ x }) => tf.clipByValue(x, -0.3, 0.4)],
  ['cos', FULL, ({ x }) => tf.cos(x)],
  ['div', FULL, (given) => tf.div(given.x, positive(given))],
  ['elu', FULL, ({ x }) => tf.elu(x)],
  ['equal', FULL, ({ x }) => tf.cast(tf.equal(tf.round(x), 0), 'float32')],
  ['erf', FULL, ({ x }) => tf.erf(x)],
  ['exp', FULL, ({ x }) => tf.exp(x)],
  ['expm1', FULL, ({ x }) => tf.expm1(x)],
  ['floor', FULL, ({ x }) => tf.floor(x)],
  ['greater', FULL, ({ x }) => tf.cast(tf.greater(x, 0.1), 'float32')],
  ['greaterEqual', FULL, ({ x }) => tf.cast(tf.greaterEqual(x, 0.1), 'float32')],
  ['isNaN', FULL, ({ x }) => tf.cast(tf.isNaN(x), 'float32')],
  ['leakyRelu', FULL, ({ x }) => tf.leakyRelu(x, 1)],
  ['less', FULL, ({ x }) => tf.cast(tf.less(x, 0.1), 'float32')],
  ['lessEqual', FULL, ({ x }) => tf.cast(tf.lessEqual(x, 0.1), 'float32')],
  ['log', FULL, (given) => tf.log(positive(given))],
  ['log1p', FULL, (given) => tf.log1p(positive(given))],
  ['logicalAnd', FULL, ({ x }) => tf.cast(tf.logicalAnd(tf.greater(x, -0.5), tf.less(x, 0.5)), 'float32')],
  ['logicalNot', FULL, ({ x }) => tf.cast(tf.logicalNot(tf.greater(x, 0)), 'float32')],
  ['logicalOr', FULL, ({ x }) => tf.cast(tf.logicalOr(tf.less(x, -0.5), tf.greater(x, 0.5)), 'float32')],
  ['maximum', FULL, ({ x }) => tf.maximum(x, 0.2)],
  ['minimum', FULL, ({ x }) => tf.minimum(x, 0.2)],
  ['mul', FULL, ({ x }) => tf.mul(x, x)],
  ['neg', FULL, ({ x }) => tf.neg(x)],
  ['notEqual', FULL, ({ x }) => tf.cast(tf.notEqual(tf.round(x), 0), 'float32')],
  ['onesLike', FULL, ({ x }) => tf.add(x, tf.onesLike(x))],
  ['pow', FULL, (given) => tf.pow(positive(given), 1.5)],
  ['reciprocal', FULL, (given) => tf.reciprocal(positive(given))],
  ['relu', FULL, ({ x }) => tf.relu(x)],
  ['relu6', FULL, ({ x }) => tf.relu6(tf.mul(x, 10))],
  ['round', FULL, ({ x }) => tf.round(tf.mul(x, 7))],
  ['rsqrt', FULL, (given) => tf.rsqrt(positive(given))],
  ['sigmoid', FULL, ({ x }) => tf.sigmoid(x)],
  ['sign', FULL, ({ x }) => tf.sign(x)],
  ['sin', FULL, ({ x }) => tf.sin(x)],
  ['softplus', FULL, ({ x }) => tf.softplus(x)],
  ['sqrt', FULL, (given) => tf.sqrt(positive(given))],
  ['square', FULL, ({ x }) => tf.square(x)],
  ['squaredDifference', FULL, ({ x }) => tf.squaredDifference(x, 0.3)],
  ['sub of an integer tensor', ['B', 'T'], ({ ids }) => tf.cast(tf.sub(ids, tf.scalar(3, 'int32')), 'float32')],
  ['tanh', FULL, ({ x }) => tf.tanh(x)],
  ['where', FULL, ({ x }) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1))],
  ['where, broadcast', FULL, ({ x, ids }) => tf.where(tf.expandDims(tf.cast(ids, 'bool'), 2), x, tf.zerosLike(x))],
  ['a weight as it is', [4, 6], ({ w }) => tf.clone(w)],
  ['an input as it is', FULL, ({ x }) => x],
];

beforeAll(() => loadBackend('cpu'));

test.each(ELEMENTWISE)('%s agrees with tfjs', async (_what, shape, run) => {
  await expectAgreement(shape, run);
});

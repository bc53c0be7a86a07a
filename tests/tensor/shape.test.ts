import { expect, test } from 'vitest';

import { concatenate } from '../../src/tensor/concatenate.ts';
import { assertShape, sizeOf } from '../../src/tensor/shape.ts';

test.each([
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 3],
    [null, 3],
  ],
  [[0], [null]],
  [[], []],
])('a tensor of shape %j is of shape %j', (shape, expected) => {
  expect(() => assertShape('x', { shape }, expected)).not.toThrow();
});

test.each([
  [[2, 3], [2, 4], '[2, 4], got [2, 3]'],
  [[2, 3], [3, null], '[3, *], got [2, 3]'],
  [[2, 3], [2], '[2], got [2, 3]'],
  [[2], [2, 3], '[2, 3], got [2]'],
  [[], [1], '[1], got []'],
])('a tensor of shape %j is not of shape %j, and both are told', (shape, expected, told) => {
  expect(() => assertShape('x', { shape }, expected)).toThrow(`Expected \`x\` of shape ${told}`);
});

test('a shape has as many elements as its sizes multiply to', () => {
  expect([sizeOf([]), sizeOf([4]), sizeOf([2, 3, 4]), sizeOf([2, 0])]).toEqual([1, 4, 24, 0]);
});

test('parts follow each other in an array of their own', () => {
  const parts = [new Float32Array([1, 2]), new Float32Array(0), new Float32Array([3])];
  const whole = concatenate(parts);
  expect(whole).toEqual(new Float32Array([1, 2, 3]));
  parts[0]?.fill(9);
  expect(whole).toEqual(new Float32Array([1, 2, 3]));
  expect(concatenate([])).toEqual(new Float32Array(0));
});

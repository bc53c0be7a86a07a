import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  customGradArguments,
  four,
  ofRank2,
  ofRank3,
  ofRank4,
  pair,
  tensor1,
  tensor2,
  tensor3,
  tensorAt,
} from '../../src/cell/typed-tensors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('typed tensors', () => {
  test('are those of the name or the place', () => {
    const tensors = { a: tf.zeros([2]), b: tf.zeros([2, 3]), c: tf.zeros([1, 2, 3]) };
    expect(tensor1(tensors, 'a')).toBe(tensors.a);
    expect(tensor2(tensors, 'b')).toBe(tensors.b);
    expect(tensor3(tensors, 'c')).toBe(tensors.c);
    expect(tensorAt([tensors.a, tensors.b], -1)).toBe(tensors.b);
    expect(pair([tensors.a, tensors.c])).toEqual([tensors.a, tensors.c]);
    expect(four([tensors.a, tensors.b, tensors.c, tensors.a])[3]).toBe(tensors.a);
    tf.dispose(tensors);
  });

  test('of another number of axes are refused by name', () => {
    const matrix = tf.zeros([2, 3]);
    expect(() => tensor3({ frames: matrix }, 'frames')).toThrow('Expected `frames` of 3 axes, got [2, 3]');
    expect(() => tensor1({ bias: matrix }, 'bias')).toThrow('Expected `bias` of 1 axis, got [2, 3]');
    for (const refused of [() => ofRank3(matrix), () => ofRank4(matrix), () => ofRank2(tf.scalar(1))]) {
      expect(refused).toThrow(expect.objectContaining({ code: 'tensor/shape' }));
    }
    matrix.dispose();
  });

  test('that are not there are refused', () => {
    expect(() => tensor2({}, 'kernel')).toThrow('Expected a tensor `kernel`, got none');
    expect(() => tensorAt([], 2)).toThrow('Expected tensor 2 among 0, got none');
    expect(() => pair([])).toThrow('Expected 2 tensors, got 0');
    expect(() => four([])).toThrow('Expected 4 tensors, got 0');
    expect(() => customGradArguments([])).toThrow('Expected a function that saves tensors');
  });
});

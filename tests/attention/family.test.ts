import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import * as face from '../../src/attention/index.ts';
import { weight } from '../../src/cell/cell.ts';
import { tensorAt } from '../../src/cell/typed-tensors.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { BATCH, DEPTH, ENTRIES, ENTRY_COUNTS, FAMILY, gap, type Given, given, rowOf, run } from './family.ts';
import { gradientErrors, mixed, randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function isFinite(tensor: tf.Tensor): boolean {
  return (tf.sum(tf.abs(tensor)).arraySync() as number) < Infinity;
}

/** Functions that researchers import and that make no mechanism of their own; and self-attention, whose queries are its entries. */
const NO_MAKERS = ['attentionCells', 'attentionNamed', 'defineMechanism', 'normalArray', 'paddingBias', 'Random'];
const OF_OTHERS = ['selfAttention', 'softmaxAttention', 'tensorsOf'];
/** What looks at images, and has tests of its own. */
const OF_IMAGES = ['crop', 'gaussianFilters', 'gaussianGlimpse', 'hardMask', 'softMask'];

test('every mechanism that can be imported is one of those that are tested here', () => {
  const untested = Object.entries(face).flatMap(([name, value]): string[] => {
    if (typeof value === 'object' && 'attend' in value) {
      return FAMILY.some(({ mechanism }) => mechanism === value) ? [] : [name];
    }
    const isMaker = typeof value === 'function' && ![...NO_MAKERS, ...OF_OTHERS, ...OF_IMAGES].includes(name);
    return isMaker && !FAMILY.some((each) => each.name.includes(name)) ? [name] : [];
  });
  expect(untested).toEqual([]);
});

/** Everything that an alignment may depend on, by name. */
function everything({ weights, query, values, state }: Given): Record<string, tf.Tensor> {
  const { step: _count, ...states } = state; // a count of queries
  const named = (prefix: string, tensors: Record<string, tf.Tensor>) =>
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor] as const);
  return { query, values, ...Object.fromEntries([...named('weights', weights), ...named('state', states)]) };
}

/** `all` with what is in `moved` in place of its own. */
function withMoved(all: Given, moved: Readonly<Record<string, tf.Tensor>>): Given {
  const own = <T extends tf.Tensor>(prefix: string, tensors: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, (moved[`${prefix}.${name}`] ?? tensor) as T]),
    );
  return {
    ...all,
    query: (moved['query'] ?? all.query) as tf.Tensor2D,
    values: (moved['values'] ?? all.values) as tf.Tensor3D,
    weights: own('weights', all.weights),
    state: own('state', all.state),
  };
}

describe.each(FAMILY)('$name attention', (member) => {
  const { name, mechanism, sizes, isWhole, isSmooth } = member;

  test('gives shares that sum to 1 at most, and nothing to what is hidden', () => {
    const { alignment } = run(member, given(member));
    for (const [row, shares] of alignment.arraySync().entries()) {
      const sum = sumOf(shares);
      expect(sum).toBeGreaterThan(isWhole ? 1 - 1e-5 : -1e-6);
      expect(sum).toBeLessThan(1 + 1e-5);
      expect(Math.min(...shares)).toBeGreaterThan(-1e-6);
      expect(shares.slice(ENTRY_COUNTS[row])).toEqual(shares.slice(ENTRY_COUNTS[row]).map(() => 0));
    }
  });

  test('gives a row of a batch what the row alone gives, whatever stands in entries that are hidden', () => {
    const all = given(member);
    const together = run(member, all);
    const loud = { ...all, values: tf.where<tf.Tensor3D>(tf.less(all.bias, 0).expandDims(2), 100, all.values) };
    for (let row = 0; row < BATCH; row++) {
      const alone = run(member, rowOf(loud, row));
      expect(gap(alone.context, tf.slice(together.context, [row, 0], [1, DEPTH]))).toBeLessThan(1e-6);
      expect(gap(alone.alignment, tf.slice(together.alignment, [row, 0], [1, ENTRIES]))).toBeLessThan(1e-6);
    }
  });

  test('gives zeros to a row that sees nothing, and lets no gradient of it through', () => {
    const all = given(member);
    const blind = { ...all, bias: tf.mul<tf.Tensor2D>([[face.HIDDEN], [0]], tf.ones([BATCH, ENTRIES])) };
    const { context, alignment } = run(member, blind);
    for (const tensor of [context, alignment]) {
      expect(tensor.arraySync()[0]).toEqual(tensor.arraySync()[0]?.map(() => 0));
      expect(isFinite(tensor)).toBe(true);
    }
    if (!isSmooth) return;
    const gradient = tf.grad((values) => mixed(run(member, { ...blind, values: values as tf.Tensor3D }).context))(
      all.values,
    );
    expect(isFinite(gradient)).toBe(true);
    expect(tf.max(tf.abs(tf.slice(gradient, 0, 1))).arraySync()).toBe(0);
  });

  test.runIf(isSmooth)('has the gradient that finite differences give', () => {
    const all = given(member);
    const loss = (moved: Record<string, tf.Tensor>): tf.Scalar => {
      const { context, alignment, state } = run(member, withMoved(all, moved));
      const { step: _count, ...states } = state;
      return mixed(context, alignment, ...Object.values(states));
    };
    const { query: _unread, ...rest } = everything(all);
    const errors = gradientErrors(loss, name === 'averagePooling' ? rest : everything(all));
    expect(Object.entries(errors).filter(([, error]) => !(error < 1e-3))).toEqual([]);
  });

  test('stays finite, and so does its gradient, at logits of ten thousand', () => {
    const all = given(member);
    const louder = (tensors: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
      Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, tf.mul(tensor, 1e4)]));
    const inputs = [
      { ...all, query: tf.mul<tf.Tensor2D>(all.query, 100), values: tf.mul<tf.Tensor3D>(all.values, 100) },
      { ...all, weights: louder(all.weights) },
      { ...all, bias: tf.add<tf.Tensor2D>(all.bias, tf.mul(randomTensor(9, BATCH, ENTRIES), 1e4)) },
    ];
    for (const loud of inputs) {
      const { context, alignment, state } = run(member, loud);
      for (const tensor of [context, alignment, ...Object.values(state)]) expect(isFinite(tensor)).toBe(true);
      for (const shares of alignment.arraySync()) expect(sumOf(shares)).toBeLessThan(1 + 1e-5);
      if (!isSmooth) continue;
      const { query, ...rest } = everything(loud);
      const names = Object.keys(name === 'averagePooling' ? rest : { query, ...rest });
      const gradients = tf.grads((...moved) => {
        const attended = run(member, withMoved(loud, Object.fromEntries(moved.map((each, i) => [names[i], each]))));
        return mixed(attended.context, attended.alignment);
      })(names.map((each) => weight(everything(loud), each)));
      expect(names.filter((_, index) => !isFinite(tensorAt(gradients, index)))).toEqual([]);
    }
  });

  test('starts from zeros of the shapes that it states, and hands on others of the same', () => {
    const all = given(member);
    const prepared = mechanism.prepare(all.weights, all);
    expect(prepared.keys.shape).toEqual([BATCH, ENTRIES, mechanism.keyDepth(sizes)]);
    const first = mechanism.start(prepared);
    const { state } = mechanism.attend(all.weights, all.query, prepared, first);
    for (const [key, { shape }] of Object.entries(mechanism.states)) {
      const expected = [BATCH, shape[1] === 'E' ? ENTRIES : shape[1]];
      expect([first[key]?.shape, state[key]?.shape]).toEqual([expected, expected]);
      expect(tf.max(tf.abs(first[key] as tf.Tensor)).arraySync()).toBe(0);
    }
    expect(Object.keys(state).toSorted()).toEqual(Object.keys(mechanism.states).toSorted());
  });

  test('leaks no tensor, and gives each a life of its own', () => {
    const all = given(member);
    const before = tf.memory().numTensors;
    const prepared = mechanism.prepare(all.weights, all);
    const start = mechanism.start(prepared);
    const first = mechanism.attend(all.weights, all.query, prepared, start);
    tf.dispose([first.context, first.alignment]);
    const second = mechanism.attend(all.weights, all.query, prepared, first.state);
    tf.dispose([prepared.keys, start, first, second]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the offending argument', () => {
    const all = given(member);
    const { weights, values, bias, state } = all;
    expect(() => mechanism.prepare(weights, { values, bias: tf.zeros([2, 5]) })).toThrow(
      'Expected `bias` of shape [2, 6], got [2, 5]',
    );
    expect(() => mechanism.prepare(weights, { values, bias, keys: tf.zeros([2, 5, 4]) })).toThrow(
      'Expected `keys` of shape [2, 6, *], got [2, 5, 4]',
    );
    const prepared = mechanism.prepare(weights, { values, bias });
    expect(() => mechanism.attend(weights, tf.zeros([3, sizes.queryDepth]), prepared, state)).toThrow(
      'Expected `query` of shape [2, *], got [3, ',
    );
    for (const key of Object.keys(state)) {
      expect(() => mechanism.attend(weights, all.query, prepared, {})).toThrow('Expected a tensor `');
      const wrong = { ...state, [key]: tf.zeros<tf.Rank.R2>([2, 9]) };
      expect(() => mechanism.attend(weights, all.query, prepared, wrong)).toThrow(`Expected \`state.${key}\` of shape`);
    }
    if (name === 'averagePooling') return;
    expect(() => mechanism.attend(weights, tf.zeros([2, sizes.queryDepth + 1]), prepared, state)).toThrow('Expected ');
  });

  test('gives in onnxruntime what it gives in tfjs, at any number of rows and entries', async () => {
    const arrays: HostArrays = Object.fromEntries(
      Object.entries(given(member).weights).map(([key, tensor]) => {
        return [`attention.${key}`, { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }];
      }),
    );
    for (const cell of face.attentionCells(mechanism, sizes)) {
      const { worstDifference } = await exportCell(cell, arrays);
      expect(worstDifference).toBeLessThan(1e-5);
    }
  });
});

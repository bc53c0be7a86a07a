/** Leaves found by descent: whole sequences go the way that the definition says. */
import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { descentDivergence } from '../../src/memory/descent.ts';
import { walkSizes } from '../../src/memory/kept-leaves.ts';
import { readNaively } from '../../src/memory/naive.ts';
import { buildLevels, readParallel } from '../../src/memory/parallel.ts';
import { projectEntries, projectQueries } from '../../src/memory/read.ts';
import { nodeCounts } from '../../src/memory/schedule.ts';
import { distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';

const SIZES = { depth: 8, heads: 2, window: 5, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: false };
const LENGTH = 70;
const NARROW: MemoryConfig = { ...SIZES, cold: { nearest: 2, retention: 1_000, descent: { beam: 1 } } };
const ALL: MemoryConfig = { ...SIZES, cold: { nearest: 1_000, retention: 1_000, descent: { beam: 1_000 } } };

const vectors = randomVectors(2, 2, LENGTH, SIZES.depth);
const sequences = tf.tensor3d(vectors.data, [2, LENGTH, SIZES.depth]);
const weights = tensors(restlessWeights(NARROW, 1));

describe.each([
  NARROW,
  { ...NARROW, cold: { nearest: 4, retention: 1_000, descent: { beam: 2 } } },
  { ...NARROW, cold: { nearest: 100, retention: 1_000, descent: { beam: 1 } } },
  { ...NARROW, cold: { nearest: 3, retention: 25, descent: { beam: 2 } } },
  { ...NARROW, slots: 1, fanIn: 3, merging: 'eager' as const, tokenCountBias: true },
  ALL,
])('$cold, $slots slots, eager $merging', (config) => {
  const parts = tensors(restlessWeights(config, 1));
  const slopes = tf.randomNormal([2, LENGTH, 8], 0, 1, 'float32', 33);
  const through = (form: (x: tf.Tensor3D) => tf.Tensor3D): ReturnType<ReturnType<typeof tf.valueAndGrad>> =>
    tf.valueAndGrad((x) => tf.sum(tf.mul(form(x as tf.Tensor3D), slopes)))(sequences); // it is what it is called with

  test('whole sequences read as the definition says, and with its gradients', () => {
    const expected = tf.tidy(() => readNaively(parts, config, sequences).dataSync());
    const given = tf.tidy(() => readParallel(parts, config, sequences).outputs.dataSync());
    expect(distance(given, expected)).toBeLessThan(1e-5);
    const naive = through((x) => readNaively(parts, config, x)).grad.dataSync();
    const parallel = through((x) => readParallel(parts, config, x).outputs).grad.dataSync();
    expect(distance(parallel, naive) / Math.max(1, ...naive.map(Math.abs))).toBeLessThan(1e-4);
  });

  test('the last vectors alone read the same', () => {
    const all = tf.tidy(() => tf.slice(readParallel(parts, config, sequences).outputs, [0, 50, 0]).dataSync());
    const last = tf.tidy(() => readParallel(parts, config, sequences, 50).outputs.dataSync());
    expect(distance(last, all)).toBeLessThan(1e-5);
  });
});

test('a walk that keeps every node finds what a search for all leaves does; a narrow one finds others', () => {
  const read = (config: MemoryConfig): Float32Array =>
    tf.tidy(() => readParallel(weights, config, sequences).outputs.dataSync() as Float32Array); // of float32
  const searched = read({ ...SIZES, cold: { nearest: 1_000, retention: 1_000 } });
  expect(distance(read(ALL), searched)).toBe(0);
  expect(distance(read({ ...ALL, cold: { ...NARROW.cold!, nearest: 1_000 } }), searched)).toBeGreaterThan(1e-2);
  const byFour = { nearest: 4, retention: 1_000 };
  const walked = read({ ...SIZES, cold: { ...byFour, descent: { beam: 1_000 } } });
  expect(distance(walked, read({ ...SIZES, cold: byFour }))).toBeLessThan(1e-6);
});

test('the divergence is that of the mass of subtrees from the scores of their nodes, over all nodes that there were', () => {
  const query = 60;
  const levels = tf.tidy(() => buildLevels(weights, NARROW, sequences));
  const given = descentDivergence(weights, NARROW, levels, 0)!.arraySync()[1]![query]!; // there are nodes
  const [sought, ...keys] = tf.tidy(() =>
    [
      projectQueries(weights, NARROW, sequences),
      ...levels.map((rows) => projectEntries(weights, NARROW, rows).keys),
    ].map((rows) => rows.arraySync()[1]!),
  ) as [number[][], ...number[][][]]; // of the second sequence
  const counts = nodeCounts(NARROW, query + 1);
  const heads = [0, 1].map((head) => {
    const logit = (row: readonly number[]): number =>
      [0, 1, 2, 3].reduce((sum, index) => sum + sought[query]![4 * head + index]! * row[4 * head + index]!, 0);
    const softmax = (scores: readonly number[]): number[] => {
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return scores.map((score) => Math.exp(score) / total);
    };
    const mass = softmax(keys[0]!.slice(0, query + 1).map(logit));
    let span = 3;
    return counts.slice(1).reduce((sum, count, index) => {
      const below = Array.from({ length: count }, (_, node) =>
        mass.slice(node * span, (node + 1) * span).reduce((all, each) => all + each, 0),
      );
      span *= 2;
      const slots = keys[index + 1]!.map(logit);
      const scores = below.map((_, node) => Math.log(Math.exp(slots[2 * node]!) + Math.exp(slots[2 * node + 1]!)));
      const covered = below.reduce((all, each) => all + each, 0);
      const walk = softmax(scores);
      return sum + below.reduce((all, each, node) => all + each * Math.log(each / covered / walk[node]!), 0);
    }, 0);
  });
  expect(counts.length).toBeGreaterThan(3);
  expect(given).toBeCloseTo((heads[0]! + heads[1]!) / 2, 4);
});

test('the divergence teaches queries and nodes, and not what full attention attends to', () => {
  const through = (form: (levels: tf.Tensor3D[]) => tf.Tensor): number =>
    tf.tidy(() => {
      const slope = tf.grad((x) => form(buildLevels(weights, NARROW, x as tf.Tensor3D)))(sequences); // it is what it is called with
      return tf.max(tf.abs(slope)).dataSync()[0]!;
    });
  expect(through((levels) => tf.sum(descentDivergence(weights, NARROW, levels, 0)!))).toBeGreaterThan(1e-2);
  // Vectors behind the last query are in no node that it sees, and what it attends to is no matter of gradients.
  const slope = tf.tidy(() => {
    const rows = buildLevels(weights, NARROW, sequences);
    return tf.grad((x) => tf.sum(descentDivergence(weights, NARROW, [x as tf.Tensor3D, ...rows.slice(1)], 69)!))(
      rows[0]!,
    ); // as above
  });
  const bySequence = slope.abs().sum(2).arraySync() as number[][]; // two axes are left
  expect(bySequence[0]!.slice(0, 69).every((size) => size === 0)).toBe(true);
  expect(bySequence[0]![69]).toBeGreaterThan(1e-3);
});

test('how many keys a walk compares grows with the levels, not with the leaves', () => {
  const sizes = (beam: number, count: number) =>
    walkSizes({ ...SIZES, leafFanIn: 8, fanIn: 4, cold: { nearest: 8, retention: 1e9, descent: { beam } } }, count);
  expect(sizes(1, 4)).toEqual({ nodes: 0, leaves: 0 });
  expect(sizes(1, 1_000).leaves).toBe(8);
  expect(sizes(4, 1_000_000).leaves).toBe(32);
  expect(sizes(1, 1_000_000).nodes).toBeLessThan(100);
});

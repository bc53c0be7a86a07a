/** Queries, entries and weights of random numbers for every score. */
import * as tf from '@tensorflow/tfjs';

import { ATTENTION_SCORES, attend, paddingBias, prepareMemory } from '../../src/attention/attend.ts';
import type { AttentionScoreName } from '../../src/attention/score-name.ts';
import type { Weights } from '../../src/cell/cell.ts';
import { Random } from '../../src/tensor/random.ts';
import { randomTensor } from './finite-differences.ts';

export const BATCH = 2;
export const ENTRIES = 6;
export const DEPTH = 5;
export const UNITS = 7;
/** A dot score needs queries as deep as entries. */
export const queryDepth = (name: AttentionScoreName): number => (name === 'dot' ? DEPTH : 4);
export const NAMES: readonly AttentionScoreName[] = Object.keys(ATTENTION_SCORES) as AttentionScoreName[]; // its only keys
/** The second row of a batch is padded. */
export const ENTRY_COUNTS: readonly number[] = [ENTRIES, 3];

export type Example = {
  readonly weights: Record<string, tf.Tensor>;
  readonly values: tf.Tensor3D;
  readonly query: tf.Tensor2D;
  readonly previousAlignment: tf.Tensor2D;
};

export function example(name: AttentionScoreName): Example {
  const sizes = { queryDepth: queryDepth(name), memoryDepth: DEPTH, attentionUnits: UNITS };
  const shapes = ATTENTION_SCORES[name].init(sizes, Random.seeded(1));
  // Biases start at zero: random numbers for every weight, so that each of them matters.
  const weights = Object.entries(shapes).map(([key, { shape }], index) => [key, randomTensor(index + 10, ...shape)]);
  return {
    weights: Object.fromEntries(weights),
    values: randomTensor(2, BATCH, ENTRIES, DEPTH) as tf.Tensor3D,
    query: randomTensor(3, BATCH, queryDepth(name)) as tf.Tensor2D,
    previousAlignment: tf.softmax(randomTensor(4, BATCH, ENTRIES) as tf.Tensor2D),
  };
}

type Attended = ReturnType<typeof attend> & { readonly memory: ReturnType<typeof prepareMemory> };

export function run(
  name: AttentionScoreName,
  weights: Weights,
  given: Example,
  counts: readonly number[] = ENTRY_COUNTS,
): Attended {
  const score = ATTENTION_SCORES[name];
  const memory = prepareMemory({ score, weights }, { values: given.values, bias: paddingBias(counts, ENTRIES) });
  return { memory, ...attend({ score, weights }, memory, given) };
}

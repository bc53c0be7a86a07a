import { describe, expect, test } from 'vitest';

import type { ModelConfig } from '../../src/model/config.ts';
import { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { SEQUENCE_CONFIG } from '../model/sequence-config.ts';

const EXAMPLES: SequenceExample[] = ['a', 'abc', 'dd', 'abcd', 'b', 'cc', 'dcba', 'c'].map((input) => ({
  input,
  output: Array.from(input, () => 'yy').join(' '),
}));

const batchesOf = (seed: number, examples = EXAMPLES, config: ModelConfig = SEQUENCE_CONFIG) =>
  sequenceBatches(examples, config, { batchSize: 3 }, Random.seeded(seed));

test('sequences of like length come together, each once, padded to the longest of the batch', () => {
  const batches = batchesOf(1);
  expect(batches.map(({ lengths }) => lengths.join(' ')).toSorted()).toEqual(['1 1 1', '2 2 3', '4 4']);
  const mixed = batches.find(({ lengths }) => lengths.includes(3));
  expect([...(mixed?.inputs ?? [])].slice(-3)).toEqual([0, 1, 2]); // abc
  expect(mixed?.inputs).toHaveLength(9);
  expect(mixed?.targets.map((target) => [...target])).toEqual([
    [2, 2],
    [2, 2],
    [2, 2, 2],
  ]); // label ids count from 1
});

test('batches are a pure function of examples and generator, in another order for another', () => {
  expect(batchesOf(1)).toEqual(batchesOf(1));
  const orders = new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(batchesOf(seed).map(({ lengths }) => lengths))));
  expect(orders.size).toBeGreaterThan(1);
});

test('ids may be given in place of text', () => {
  const [batch] = batchesOf(1, [{ input: [3, 0], output: [2] }]);
  expect(batch).toMatchObject({ lengths: [2], inputs: Int32Array.of(3, 0), targets: [Int32Array.of(3)] });
});

describe('an example that lacks what a head learns is refused', () => {
  const { heads: _, ...rest } = SEQUENCE_CONFIG;
  const classifier = { ...rest, heads: { classifier: { labels: ['up', 'down'] } } };
  test.each<[SequenceExample, ModelConfig, string]>([
    [{ input: 'ab' }, SEQUENCE_CONFIG, 'Expected an `output` of example 1, got undefined'],
    [{ input: '', output: 'z' }, SEQUENCE_CONFIG, 'Expected an `input` that is not empty of example 1, got ""'],
    [{ input: 'ae', output: 'z' }, SEQUENCE_CONFIG, "Expected characters that the model knows, got 'e' as symbol 2"],
    [{ input: [4], output: 'z' }, SEQUENCE_CONFIG, "Expected ids in 0..3, got '4' as symbol 1"],
    [{ input: 'a', label: 'left' }, classifier, 'Expected a known `label` of example 1, got left'],
    [{ input: 'a', label: 2 }, classifier, 'Expected a known `label` of example 1, got 2'],
    [{ input: 'a' }, { ...rest, heads: { regression: { outputs: 2 } } }, 'Expected 2 `numbers` of example 1, got 0'],
  ])('%j', (example, config, message) => {
    expect(() => batchesOf(1, [example], config)).toThrow(message);
  });
});

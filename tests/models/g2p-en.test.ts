import { describe, expect, test } from 'vitest';

import { CHANGES, type ComparedVariant, comparedConfig, G2P_CONFIG } from '../../models/g2p-en/config.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';

const VARIANTS = Object.keys(CHANGES) as ComparedVariant[]; // the record has exactly its keys

function weightCount(config: ModelConfig): number {
  const arrays = Object.values(initModel(config, Random.seeded(1)));
  return arrays.reduce((sum, { data }) => sum + data.length, 0);
}

test('g2p-en is a model of at most five million parameters', () => {
  expect(parseModelConfig(G2P_CONFIG)).toEqual(G2P_CONFIG);
  expect(weightCount(G2P_CONFIG)).toBeLessThanOrEqual(5_000_000);
});

describe.each(VARIANTS)('the compared model %s', (variant) => {
  test('is a model of at most a million parameters that goes by its own name', () => {
    const config = comparedConfig(variant);
    expect(parseModelConfig(config)).toEqual(config);
    expect(config.name).toBe(`g2p-en-${variant}`);
    expect(weightCount(config)).toBeLessThanOrEqual(1_000_000);
  });
});

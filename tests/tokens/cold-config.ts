/** A small model of tokens with a cold store. */
import type { ModelConfig } from '../../src/model/config.ts';

export const COLD_CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'leaves',
  source: { kind: 'tokens', symbols: { unit: 'id', count: 12 }, embedding: 6 },
  encoder: { kind: 'pair', units: 8 },
  memory: {
    kind: 'hierarchical',
    depth: 8,
    heads: 2,
    window: 4,
    leafFanIn: 2,
    fanIn: 2,
    slots: 1,
    tokenCountBias: false,
    summary: 'attention',
    cold: { nearest: 2, retention: 1_000 },
  },
  heads: { answers: { labelCount: 5, tied: true } },
};

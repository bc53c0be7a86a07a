import type { ModelConfig } from '../../src/model/config.ts';

/** A small model from characters to words, for tests to start from. */
export const SEQUENCE_CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'sequences',
  language: 'en',
  source: { kind: 'tokens', symbols: { unit: 'character', symbols: ['a', 'b', 'c', 'd'] }, embedding: 6 },
  encoder: { kind: 'lstm', units: 8, layers: 1, direction: 'both' },
  memory: { kind: 'full' },
  heads: {
    decoder: {
      order: 'luong',
      cell: 'gru',
      attention: { kind: 'global', score: 'general' },
      units: 8,
      attentionUnits: 8,
      embedding: 5,
      inputFeeding: true,
      firstState: 'zeros',
      dropout: 0,
      symbols: { unit: 'word', symbols: ['x', 'yy', 'z'] },
    },
  },
};

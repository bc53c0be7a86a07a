/** What translate-en-de is: pieces in, an LSTM both ways, attention over all of it, pieces out; 3.4 million weights. */
import type { ModelConfig } from '../../src/model/config.ts';

/** Pieces of English and German together, those for placeholders among them. */
export const PIECE_COUNT = 4_000;

const PIECES = { unit: 'piece', tokenizer: 'tokenizer.json', count: PIECE_COUNT } as const;

export const CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'translate-en-de',
  language: 'de',
  source: { kind: 'tokens', symbols: PIECES, embedding: 128 },
  encoder: { kind: 'lstm', units: 256, layers: 2, direction: 'both' },
  memory: { kind: 'full' },
  heads: {
    decoder: {
      order: 'luong',
      cell: 'lstm',
      attention: { kind: 'global', score: 'general' },
      inputFeeding: false,
      firstState: 'encoder',
      units: 256,
      attentionUnits: 256,
      embedding: 128,
      dropout: 0.2,
      symbols: PIECES,
    },
  },
};

/** What translate-en-de is: pieces in, both ways through an LSTM, attention over all of it, pieces out. */
import type { ModelConfig } from '../../src/model/config.ts';

/** Pieces of English and German together, those for placeholders among them. */
export const PIECE_COUNT = 4_000;

const PIECES = { unit: 'piece', tokenizer: 'tokenizer.json', count: PIECE_COUNT } as const;

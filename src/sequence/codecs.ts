/** How the text of a model's folder becomes ids and back. */
import { join } from 'node:path';

import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { readPieceCodec } from '../text/pieces.ts';
import { type SymbolCodec, symbolCodec, type Symbols, TOKENIZER_FILE } from '../text/symbols.ts';

/**
 * Makes codecs of the symbols that `config`, that of the model in `folder`, names. Throws `symbols/tokenizer` where pieces have no
 * tokenizer there, or one of another number of pieces.
 */
export async function codecIn(
  folder: string,
  { source, heads }: ModelConfig,
): Promise<(symbols: Symbols) => SymbolCodec> {
  const named = [source.kind === 'tokens' ? source.symbols : undefined, heads.decoder?.symbols, heads.ctc?.symbols];
  const hasPieces = named.some((symbols) => symbols?.unit === 'piece');
  const pieces = hasPieces ? await readPieceCodec(join(folder, TOKENIZER_FILE)) : undefined;
  return (symbols) => {
    if (symbols.unit !== 'piece' || pieces === undefined) return symbolCodec(symbols);
    if (pieces.count === symbols.count) return pieces;
    throw new HearkenError(
      'symbols/tokenizer',
      `Expected ${symbols.count} pieces in ${TOKENIZER_FILE} of ${folder}, got ${pieces.count}`,
    );
  };
}

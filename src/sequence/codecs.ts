/** How the text of a model's folder becomes ids and back. */
import type { ModelConfig } from '../model/config.ts';
import { type SymbolCodec, symbolCodec, type Symbols } from '../text/symbols.ts';

/** Makes codecs of the symbols that `config`, that of the model in `folder`, names. */
export async function codecIn(_folder: string, _config: ModelConfig): Promise<(symbols: Symbols) => SymbolCodec> {
  return symbolCodec;
}

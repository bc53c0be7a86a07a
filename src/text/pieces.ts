/** Subwords: text is cut into pieces that a tokenizer learned, and pieces are put together again, by a Hugging Face `tokenizer.json`. */
import { readFile } from 'node:fs/promises';

import { Tokenizer } from '@huggingface/tokenizers';

import { HearkenError } from '../errors.ts';
import type { SymbolCodec } from './symbols.ts';

/**
 * The codec of pieces that the content of a `tokenizer.json` describes. Nothing is added to a text; of a tokenizer of bytes, which
 * those of this project are, every text comes back as it was. Text is cut as by Python's tokenizers, except around U+0085 and
 * U+FEFF, on which JavaScript and Python do not agree whether they are white space. Throws `symbols/tokenizer` on what is no tokenizer.
 */
export function pieceCodec(content: unknown): SymbolCodec {
  const tokenizer = tokenizerOf(content);
  const names = namesOf(tokenizer.get_vocab());
  const written = (ids: number[]) =>
    tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  const checked = (id: number, place: number): number => {
    if (names[id] !== undefined) return id;
    throw new HearkenError(
      'symbols/unknown',
      `Expected ids in 0..${names.length - 1}, got '${id}' as symbol ${place + 1}`,
    );
  };
  return {
    count: names.length,
    encode: (text) => Int32Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids),
    decode: (ids) => {
      const all = Array.from(ids, checked);
      return all.length === 0 ? '' : written(all);
    },
    nameOf: (id) => written([checked(id, 0)]),
  };
}

/** The codec of the `tokenizer.json` at `path`. Throws `symbols/tokenizer`. */
export async function readPieceCodec(path: string): Promise<SymbolCodec> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new HearkenError('symbols/tokenizer', `Expected the tokenizer of the model at ${path}`, { cause });
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new HearkenError('symbols/tokenizer', `Expected JSON in ${path}`, { cause });
  }
  return pieceCodec(content);
}

function tokenizerOf(content: unknown): Tokenizer {
  try {
    if (typeof content !== 'object' || content === null) throw new TypeError(`got ${typeof content}`);
    return new Tokenizer(content, {});
  } catch (cause) {
    throw new HearkenError(
      'symbols/tokenizer',
      'Expected the content of a `tokenizer.json` of Hugging Face tokenizers',
      {
        cause,
      },
    );
  }
}

/** Piece by id. Throws `symbols/tokenizer` where ids are left out. */
function namesOf(vocabulary: ReadonlyMap<string, number>): string[] {
  const names: string[] = [];
  for (const [piece, id] of vocabulary) names[id] = piece;
  if (names.length > 0 && names.length === Object.keys(names).length) return names;
  throw new HearkenError('symbols/tokenizer', `Expected pieces with ids from 0 on, got ${vocabulary.size} pieces`);
}

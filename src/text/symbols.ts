/**
 * How text becomes the ids that a model takes in and writes, and back: a model's configuration names its unit, `symbolCodec` does
 * both. Pure; needs no tensor library.
 */
import { HearkenError } from '../errors.ts';

export type Symbols =
  /** Raw ids 0 to `count` - 1; as text they are numbers between spaces. */
  | { readonly unit: 'id'; readonly count: number }
  /** Code points, or words between spaces: id i is `symbols[i]`. */
  | { readonly unit: 'character' | 'word'; readonly symbols: readonly string[] }
  /** Subwords: a Hugging Face `tokenizer.json` in the model's folder. */
  | { readonly unit: 'piece'; readonly tokenizer: 'tokenizer.json'; readonly count: number };

/** The file in a model's folder that cuts a text into pieces. */
export const TOKENIZER_FILE = 'tokenizer.json';

/** Text to ids and back. */
export type SymbolCodec = {
  /** Ids are 0 to this less 1. */ readonly count: number;
  /** Throws `symbols/unknown`, naming symbol and place, where `text` holds what the model does not know. */
  readonly encode: (text: string) => Int32Array;
  /** The text of ids. Throws `symbols/unknown` on an id that is none. */
  readonly decode: (ids: Iterable<number>) => string;
  /** The symbol of one id, as it is shown. Throws as `decode`. */
  readonly nameOf: (id: number) => string;
};

/** The number of symbols: ids are 0 to this less 1. */
export function symbolCount(symbols: Symbols): number {
  return 'symbols' in symbols ? symbols.symbols.length : symbols.count;
}

/**
 * The codec of `symbols`. Throws `symbols/unit` for pieces, which are told by a file.
 *
 * @example
 * ```ts
 * import { symbolCodec } from 'hearken/training';
 *
 * const phones = symbolCodec({ unit: 'word', symbols: ['AE', 'K', 'T'] });
 * console.log([...phones.encode('K AE T')], phones.decode([2, 1]));
 * // => [ 1, 0, 2 ] T K
 * ```
 */
export function symbolCodec(symbols: Symbols): SymbolCodec {
  if (symbols.unit === 'piece') {
    throw new HearkenError('symbols/unit', 'Expected ids, characters or words, got pieces, which need their tokenizer');
  }
  return symbols.unit === 'id' ? idCodec(symbols.count) : listCodec(symbols.unit, symbols.symbols);
}

/** Ids as numbers between spaces. */
function idCodec(count: number): SymbolCodec {
  const checked = (id: number, shown: string, place: number): number => {
    if (Number.isInteger(id) && id >= 0 && id < count) return id;
    throw unknown(`ids in 0..${count - 1}`, shown, place);
  };
  return {
    count,
    encode: (text) => Int32Array.from(wordsOf(text), (word, place) => checked(Number(word), word, place)),
    decode: (ids) => Array.from(ids, (id, place) => checked(id, String(id), place)).join(' '),
    nameOf: (id) => String(checked(id, String(id), 0)),
  };
}

function listCodec(unit: 'character' | 'word', symbols: readonly string[]): SymbolCodec {
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const named = (id: number, place: number): string => {
    const symbol = symbols[id];
    if (symbol === undefined) throw unknown(`ids in 0..${symbols.length - 1}`, String(id), place);
    return symbol;
  };
  return {
    count: symbols.length,
    encode: (text) =>
      Int32Array.from(unit === 'word' ? wordsOf(text) : text, (symbol, place) => {
        const id = ids.get(symbol);
        if (id === undefined) throw unknown(`${unit}s that the model knows`, symbol, place);
        return id;
      }),
    decode: (given) => Array.from(given, named).join(unit === 'word' ? ' ' : ''),
    nameOf: (id) => named(id, 0),
  };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function unknown(expected: string, got: string, place: number): HearkenError {
  return new HearkenError('symbols/unknown', `Expected ${expected}, got '${got}' as symbol ${place + 1}`);
}

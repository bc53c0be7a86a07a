/** Symbols of standard input as they come: JSON values or text by lines, or bytes. */
import { HearkenError } from '../src/errors.ts';
import type { SymbolCodec } from '../src/text/symbols.ts';
import { type Line, lineBatches } from './line-batches.ts';

/** Ids of symbols, or the end of a sequence. */
export type SymbolStep = { readonly ids: Int32Array } | 'end';

/** How the input is read: lines of JSON or text, lines of text, or each byte an id. */
export type SymbolInput = 'lines' | 'text' | 'bytes';

/** Lines that are read together at most, and the characters of one: a bound on memory where no line ends. */
const BATCH = 1_024;
const LONGEST_LINE = 1 << 20;

/**
 * The symbols in `bytes`; an empty line ends a sequence. What stands before something wrong comes first. Throws `symbols/unknown`, with the line or byte of
 * what is no symbol, and `symbols/line`.
 */
export async function* readSymbols(
  bytes: AsyncIterable<Uint8Array>,
  codec: SymbolCodec,
  input: SymbolInput,
): AsyncGenerator<SymbolStep, void, undefined> {
  if (input === 'bytes') {
    yield* readBytes(bytes, codec);
    return;
  }
  for await (const lines of lineBatches(bytes, BATCH, LONGEST_LINE)) yield* stepsOf(lines, codec, input);
}

async function* readBytes(bytes: AsyncIterable<Uint8Array>, { count }: SymbolCodec): AsyncGenerator<SymbolStep> {
  let before = 0;
  for await (const piece of bytes) {
    const wrong = piece.findIndex((byte) => byte >= count);
    const ids = Int32Array.from(wrong < 0 ? piece : piece.subarray(0, wrong));
    if (ids.length > 0) yield { ids };
    if (wrong >= 0) throw noId(count, `${piece[wrong]}`, `byte ${before + wrong + 1}`);
    before += piece.length;
  }
}

function* stepsOf(lines: readonly Line[], codec: SymbolCodec, input: SymbolInput): Generator<SymbolStep> {
  let ids: number[] = [];
  const taken = (): SymbolStep[] => {
    const step = { ids: Int32Array.from(ids) };
    ids = [];
    return step.ids.length > 0 ? [step] : [];
  };
  for (const { number, text } of lines) {
    if (text === '') {
      yield* taken();
      yield 'end';
      continue;
    }
    try {
      for (const id of idsOf(input === 'text' ? text : valueOf(text), codec, number)) ids.push(id);
    } catch (error) {
      yield* taken();
      throw error;
    }
  }
  yield* taken();
}

/** A line that is a JSON number or string, as what it says; any other as it stands. */
function valueOf(text: string): number | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' || typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

function idsOf(value: number | string, codec: SymbolCodec, line: number): Iterable<number> {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0 && value < codec.count) return [value];
    throw noId(codec.count, `${value}`, `line ${line}`);
  }
  try {
    return codec.encode(value);
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError(error.code, `${error.message} of line ${line}`, { cause: error });
  }
}

function noId(count: number, got: string, place: string): HearkenError {
  return new HearkenError('symbols/unknown', `Expected ids in 0..${count - 1}, got ${got} in ${place}`);
}

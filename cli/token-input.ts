import { HearkenError } from '../src/index.ts';

/** Ids are below 2 ** 31. */
const MOST_DIGITS = 10;
const LARGEST = 2 ** 31 - 1;

/**
 * Ids of tokens written as decimal numbers with white space between, as they come. Throws `token/text` with the line of what
 * is no such number.
 */
export async function* readTokens(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Int32Array, void, undefined> {
  const decoder = new TextDecoder();
  let rest = ''; // a number that may go on
  let line = 1;
  const tokensIn = (text: string): Int32Array => {
    const tokens: number[] = [];
    for (const [index, row] of text.split('\n').entries()) {
      if (index > 0) line++;
      for (const word of row.split(/\s+/)) if (word !== '') tokens.push(tokenOf(word, line));
    }
    return Int32Array.from(tokens);
  };
  for await (const piece of bytes) {
    const text = rest + decoder.decode(piece, { stream: true });
    const end = text.search(/\S*$/);
    rest = text.slice(end);
    if (rest.length > MOST_DIGITS) throw noToken(rest, line + text.split('\n').length - 1);
    const tokens = tokensIn(text.slice(0, end));
    if (tokens.length > 0) yield tokens;
  }
  const last = tokensIn(rest + decoder.decode());
  if (last.length > 0) yield last;
}

function tokenOf(word: string, line: number): number {
  const token = Number(word);
  if (!/^\d+$/.test(word) || token > LARGEST) throw noToken(word, line);
  return token;
}

function noToken(word: string, line: number): HearkenError {
  const shown = JSON.stringify(word.slice(0, 20));
  return new HearkenError('token/text', `Expected whole numbers in 0..${LARGEST}, got ${shown} in line ${line}`);
}

import { HearkenError } from '../src/errors.ts';

/** A line of text and its number, from 1. */
export type Line = { readonly number: number; readonly text: string };

/**
 * The lines of `bytes` (UTF-8) as they come, those that are there at once together, `most` at the most: whoever works on a
 * batch waits for no line that was not written yet. Throws `symbols/line` where a line is longer than `longest` characters.
 */
export async function* lineBatches(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
  longest: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Line[], void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let count = 0;
  const numbered = (texts: readonly string[]): Line[] =>
    texts.map((text) => ({ number: ++count, text: text.replace(/\r$/, '') }));
  for await (const piece of bytes) {
    const texts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = texts.pop() ?? '';
    for (let first = 0; first < texts.length; first += most) yield numbered(texts.slice(first, first + most));
    if (rest.length > longest) {
      const expected = `Expected lines of at most ${longest} characters`;
      throw new HearkenError('symbols/line', `${expected}, got a longer one in line ${count + 1}`);
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield numbered([rest]);
}

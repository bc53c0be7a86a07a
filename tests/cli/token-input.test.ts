import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readTokens } from '../../cli/token-input.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function tokensIn(text: string, size: number): Promise<number[]> {
  const tokens: number[] = [];
  for await (const each of readTokens(inPieces(text, size))) tokens.push(...each);
  return tokens;
}

test('numbers are read however the text is cut, and whatever white space is between', async () => {
  const space = fc.constantFrom(' ', '\n', '\t', '\r\n', ' \n\n ');
  const row = fc.tuple(fc.nat(), space);
  await fc.assert(
    fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (rows, size, isOpen) => {
      const text = rows.map((each) => each.join('')).join('');
      expect(await tokensIn(isOpen ? text.trimEnd() : text, size)).toEqual(rows.map(([token]) => token));
    }),
  );
});

test.each([
  ['1\n2\nx\n', 'got "x" in line 3'],
  ['1 2.5', 'got "2.5" in line 1'],
  ['\n2147483648', 'got "2147483648" in line 2'],
  ['9'.repeat(100_000), 'in line 1'], // never held as a whole
])('what is no token is refused with its line: %#', async (text, told) => {
  for (const size of [1, 1_000]) {
    await expect(tokensIn(text, size)).rejects.toMatchObject({
      code: 'token/text',
      message: expect.stringContaining(told),
    });
  }
});

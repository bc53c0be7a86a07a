import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { pieceCodec } from '../../src/text/pieces.ts';

// The file is written by the script beside it.
const { tokenizer, lines } = JSON.parse(readFileSync(new URL('pieces/pieces.json', import.meta.url), 'utf8')) as {
  readonly tokenizer: unknown;
  readonly lines: readonly { readonly text: string; readonly ids: readonly number[] }[];
};

test('lines are cut into pieces as by the tokenizers of Python', () => {
  const codec = pieceCodec(tokenizer);
  expect(lines.length).toBe(1_000);
  for (const { text, ids } of lines) expect({ text, ids: [...codec.encode(text)] }).toEqual({ text, ids });
});

test('pieces are put together to what was cut', () => {
  const codec = pieceCodec(tokenizer);
  for (const { text } of lines) expect(codec.decode(codec.encode(text))).toBe(text);
});

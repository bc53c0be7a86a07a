import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readPart } from '../../corpora/catalogs/data-set.ts';
import { pieceCodec, readPieceCodec } from '../../src/text/pieces.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/pieces/pieces.json', import.meta.url), 'utf8')) as {
  readonly tokenizer: unknown;
};
const codec = pieceCodec(golden.tokenizer);
const DATA = '.data/translate-en-de';
const isMade = existsSync(join(DATA, 'tokenizer.json'));

describe('pieces', () => {
  test('are numbered from 0 on, as many as were asked for', () => {
    expect(codec.count).toBe(600);
    expect(codec.nameOf(599)).toBe('{9}');
  });

  test('of any text are put together to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(codec.decode(codec.encode(text))).toBe(text);
      }),
    );
  });

  test('of white space that JavaScript and Python tell apart are put together, too', () => {
    for (const text of ['a \u0085 b', 'a \uFEFF b']) expect(codec.decode(codec.encode(text))).toBe(text);
  });

  test('hold a placeholder whole', () => {
    const names = Array.from(codec.encode('die {3} Datei'), codec.nameOf);
    expect(names).toContain('{3}');
    expect(names.join('')).toBe('die {3} Datei');
  });

  test('that are none are refused', () => {
    expect(() => codec.decode([3, 600])).toThrow("Expected ids in 0..599, got '600' as symbol 2");
    expect(() => codec.nameOf(-1)).toThrow('Expected ids in 0..599');
  });

  test('need a tokenizer', async () => {
    for (const content of [undefined, 'x', {}, { model: { type: 'none' } }]) {
      expect(() => pieceCodec(content)).toThrow('Expected the content of a `tokenizer.json`');
    }
    const folder = await mkdtemp(join(tmpdir(), 'hearken-pieces-'));
    try {
      const path = join(folder, 'tokenizer.json');
      await expect(readPieceCodec(path)).rejects.toThrow(`Expected the tokenizer of the model at ${path}`);
      await writeFile(path, '{');
      await expect(readPieceCodec(path)).rejects.toThrow(`Expected JSON in ${path}`);
      await writeFile(path, JSON.stringify(golden.tokenizer));
      expect([...(await readPieceCodec(path)).encode('Datei')]).toEqual([...codec.encode('Datei')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.skipIf(!isMade)('of held-out messages are put together to them (skipped without data:pieces)', async () => {
    const made = await readPieceCodec(join(DATA, 'tokenizer.json'));
    for (const { source, target } of [...(await readPart(DATA, 'dev')), ...(await readPart(DATA, 'test'))]) {
      for (const text of [source, target]) expect(made.decode(made.encode(text))).toBe(text);
    }
  });
});

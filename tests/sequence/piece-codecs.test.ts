import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CONFIG } from '../../models/translate-en-de/config.ts';
import { codecIn } from '../../src/sequence/codecs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-pieces-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the pieces of a model', () => {
  test('are cut by the tokenizer in its folder', async () => {
    await expect(codecIn(folder, CONFIG)).rejects.toThrow('Expected the tokenizer of the model at');
    const golden = JSON.parse(await readFile(new URL('../golden/pieces/pieces.json', import.meta.url), 'utf8')) as {
      readonly tokenizer: unknown;
    }; // as the script beside it writes it
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(golden.tokenizer));
    const codecOf = await codecIn(folder, CONFIG);
    const codec = codecOf({ unit: 'piece', tokenizer: 'tokenizer.json', count: 600 });
    expect(codec.decode(codec.encode('die {1} öffnen'))).toBe('die {1} öffnen');
    expect(codecOf({ unit: 'character', symbols: ['a', 'b'] }).decode([1, 0])).toBe('ba');
    expect(() => codecOf({ unit: 'piece', tokenizer: 'tokenizer.json', count: 4_000 })).toThrow(
      'Expected 4000 pieces in tokenizer.json',
    );
  });
});

/** `hearken translate`: lines in pieces, with placeholders put back, and words beside words in its picture. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { configOf, PARTS, tinyFolder } from '../sequence/tiny-model.ts';
import { runCommand } from './run-command.ts';

beforeAll(() => loadBackend('cpu'));

const PIECES = { unit: 'piece', tokenizer: 'tokenizer.json', count: 600 } as const;

/** A model that writes pieces as they come. */
async function pieceFolder(): Promise<string> {
  const base = configOf({ ...PARTS[0]!, decoder: { symbols: PIECES } });
  const config: ModelConfig = { ...base, source: { kind: 'tokens', symbols: PIECES, embedding: 8 } };
  const folder = await tinyFolder(config);
  const golden = await readFile(new URL('../golden/pieces/pieces.json', import.meta.url), 'utf8');
  const { tokenizer } = JSON.parse(golden) as { readonly tokenizer: unknown };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  return folder;
}

test('the picture of one text has its words, and placeholders as they were', async () => {
  const folder = await pieceFolder();
  const picture = join(folder, 'words.svg');
  const said = await runCommand('translate', '--model', folder, '--attention', picture, 'Opening %s files');
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const drawn = await readFile(picture, 'utf8');
  for (const word of ['Opening', '%s', 'files']) expect(drawn).toContain(`>${word}</text>`);
});

test('a picture is of one text', async () => {
  const folder = await pieceFolder();
  const { code, stderr } = await runCommand('translate', '--model', folder, '--attention', 'x.svg', 'one', 'two');
  expect(code).toBe(2);
  expect(stderr).toContain('Expected one TEXT to draw the attention of, got 2');
});

test('the model that comes with hearken translates a message, and keeps what a program fills in', async () => {
  const said = await runCommand('translate', 'The file could not be opened.', 'Connecting to %s');
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const [first, second] = said.stdout.split('\n');
  expect(first).toBe('Die Datei konnte nicht geöffnet werden.');
  expect(second).toContain('%s');
});

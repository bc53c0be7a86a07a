/** `hearken g2p`: `hearken decode` with a model of its own, and words as the dictionary spells them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { loadSequenceModel } from '../../src/index.ts';
import { configOf, PARTS, tinyFolder } from '../sequence/tiny-model.ts';
import { runCommand, spawnCommand } from './run-command.ts';

beforeAll(() => loadBackend('cpu'));

const CONFIG = configOf(PARTS[0]!);

test('words are read in small letters, from arguments or lines, and their letters drawn beside their sounds', async () => {
  const folder = await tinyFolder(CONFIG);
  await using model = await loadSequenceModel(folder);
  const [best] = await model.decode('abc');
  const picture = join(folder, 'attention.svg');
  const said = await runCommand('g2p', '--model', folder, 'ABC', '--attention', picture);
  expect(said).toMatchObject({ code: 0, stdout: `${best?.text}\n`, stderr: '' });
  expect(await readFile(picture, 'utf8')).toContain('>a</text>');
  const lines = await spawnCommand(['g2p', '--model', folder, '--json'], new TextEncoder().encode('Abc\n'));
  expect(JSON.parse(lines.stdout)).toEqual({ input: 'abc', hypotheses: [best] });
});

test('the model that comes with hearken says words, and its letters N ways', async () => {
  expect(await runCommand('g2p', 'phonetics')).toMatchObject({ code: 0, stdout: 'F AH N EH T IH K S\n', stderr: '' });
  const { stdout } = await runCommand('g2p', '--nbest', '2', 'read');
  const said = stdout.trim().split('\n');
  expect(new Set(said.map((line) => line.split('\t')[2]))).toEqual(new Set(['R EH D', 'R IY D']));
});

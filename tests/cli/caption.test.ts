/** `hearken caption`: an image in, words out, and a picture of where each looked. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { tinyFolder } from '../sequence/tiny-model.ts';
import { runCommand } from './run-command.ts';

beforeAll(() => loadBackend('cpu'));

const IMAGE = { height: 8, width: 8, channels: 1 };
const CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'spots',
  source: { kind: 'image', ...IMAGE },
  encoder: { kind: 'grid', units: 6, image: IMAGE, kernel: 3, layers: [{ channels: 4, stride: 2 }] },
  memory: { kind: 'full' },
  heads: {
    decoder: {
      order: 'bahdanau',
      cell: 'gru',
      attention: { kind: 'global', score: 'additive' },
      inputFeeding: false,
      firstState: 'encoder',
      units: 8,
      attentionUnits: 6,
      embedding: 4,
      dropout: 0,
      symbols: { unit: 'word', symbols: ['here', 'there'] },
    },
  },
};

/** A model that was not trained, and beside it an image of a bright corner, in PGM. */
async function folderWithImage(): Promise<{ folder: string; image: string }> {
  const folder = await tinyFolder(CONFIG);
  const image = join(folder, 'corner.pgm');
  const levels = Array.from({ length: 256 }, (_, place) => (place % 16 < 4 && place < 64 ? 255 : 0));
  await writeFile(image, `P2\n16 16\n255\n${levels.join(' ')}\n`);
  return { folder, image };
}

test('a caption comes with its score, and with the shares of the parts that each word looked at', async () => {
  const { folder, image } = await folderWithImage();
  const said = await runCommand('caption', '--model', folder, '--json', image);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const { grid, alignment, outputSymbols } = JSON.parse(said.stdout) as {
    readonly grid: object;
    readonly alignment: readonly (readonly number[])[];
    readonly outputSymbols: readonly string[];
  };
  expect(grid).toEqual({ rows: 4, columns: 4 });
  expect(alignment.map(({ length }) => length)).toEqual(outputSymbols.map(() => 16));
});

test('the model that comes with hearken captions its sample', async () => {
  const said = await runCommand('caption', 'samples/digits.png');
  expect(said).toEqual({ code: 0, stderr: '', stdout: await readFile('samples/digits.txt', 'utf8') });
});

test('what is dark is seen as bright where it is asked for', async () => {
  const { folder, image } = await folderWithImage();
  const scores = new Set<string>();
  for (const options of [[], ['--invert']]) {
    const { stdout } = await runCommand('caption', '--model', folder, '--json', ...options, image);
    scores.add(String((JSON.parse(stdout) as { readonly score: number }).score));
  }
  expect(scores.size).toBe(2);
});

test('the picture shows the image once for each word', async () => {
  const { folder, image } = await folderWithImage();
  const picture = join(folder, 'looks.svg');
  const said = await runCommand('caption', '--model', folder, '--attention', picture, image);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const drawn = await readFile(picture, 'utf8');
  const words = said.stdout.trim().split(' ').filter(Boolean);
  expect(drawn.match(/<use href="#seen"/g) ?? []).toHaveLength(words.length);
  expect(drawn).toContain('href="data:image/png;base64,');
});

test('what is no image, and a model of something else, are refused in a line', async () => {
  const { folder, image } = await folderWithImage();
  const other = join(folder, 'moving.gif');
  await writeFile(other, 'GIF89a');
  const refusals = [
    [['--model', folder, other], 1, 'Expected an image in PNG, JPEG or PGM, got GIF'],
    [['--model', 'g2p-en', image], 2, 'Expected a model of images of 1 channel, got one of tokens'],
    [['--model', folder, join(folder, 'none.png')], 2, 'there is none'],
    [['--model', folder, '--attention', image, image], 2, 'Expected --attention to be a new file or an SVG picture'],
  ] as const;
  for (const [options, code, message] of refusals) {
    const said = await runCommand('caption', ...options);
    expect(said).toMatchObject({ code, stdout: '' });
    expect(said.stderr).toContain(message);
    expect(said.stderr.trim().split('\n')).toHaveLength(1);
  }
});

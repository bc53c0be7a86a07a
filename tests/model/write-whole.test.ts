import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { writeWhole } from '../../src/model/write-whole.ts';

test('replaces a file', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'hearken-whole-')), 'file');
  await writeFile(file, 'old');
  await writeWhole(file, 'new');
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('leaves nothing of what it cannot put in its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-whole-'));
  await mkdir(join(folder, 'file', 'taken'), { recursive: true });
  await expect(writeWhole(join(folder, 'file'), 'new')).rejects.toMatchObject({ syscall: 'rename' });
  expect(await readdir(folder)).toEqual(['file']);
});

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

test('the way of one chunk goes through files that are there, through none twice', async () => {
  const text = await readFile(new URL('ARCHITECTURE.md', ROOT), 'utf8');
  const [, drawing = ''] = text.split('<!-- the way of a chunk -->')[1]?.split('```') ?? [];
  const files = [...drawing.matchAll(/[a-z]+\/[a-z/-]+\.ts/g)].map(([file]) => file);
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
  expect(files.filter((file, index) => files.indexOf(file) < index)).toEqual([]);
  expect(files.length).toBeLessThanOrEqual(51); // 69 once; what comes in has to take another's place
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { shippedPicture } from '../../scripts/draw-memory.ts';

test('the picture of the memory shows what the schedule of the shipped model keeps', async () => {
  const file = new URL('../../docs/memory.svg', import.meta.url);
  expect(await readFile(file, 'utf8'), 'run npx tsx scripts/draw-memory.ts').toBe(await shippedPicture());
});

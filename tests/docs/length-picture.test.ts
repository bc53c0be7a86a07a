import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { measuredPicture } from '../../scripts/draw-length.ts';

// Four models write 1,300 lists each, greedily, on whatever backend there is.
test('the picture of accuracy by length shows what the committed models do', { timeout: 600_000 }, async () => {
  const file = new URL('../../docs/length.svg', import.meta.url);
  expect(await readFile(file, 'utf8'), 'run npx tsx scripts/draw-length.ts').toBe(await measuredPicture());
});

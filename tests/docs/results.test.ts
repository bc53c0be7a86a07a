import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { resultsPage } from '../../scripts/write-results.ts';

test('the page of results is what the results that are kept with the models say', async () => {
  const file = new URL('../../docs/results.md', import.meta.url);
  expect(await readFile(file, 'utf8'), 'run npx tsx scripts/write-results.ts').toBe(await resultsPage());
});

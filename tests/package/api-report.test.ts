import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

import { apiReport } from '../../scripts/api-report.ts';
import { consumerOf, ROOT } from './packed.ts';

test('the interface of the packed package is the one that docs/api.md reports', async () => {
  const report = await apiReport(join(await consumerOf(inject('packed')), 'node_modules/hearken'));
  expect(report.split('\n').length).toBeGreaterThan(500);
  expect(report, 'run npm run api').toBe(await readFile(join(ROOT, 'docs/api.md'), 'utf8'));
});

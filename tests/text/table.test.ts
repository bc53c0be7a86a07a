import { expect, test } from 'vitest';

import { tableLines } from '../../src/text/table.ts';

test('a table has columns as wide as their widest cell, figures to the right, and no space at the end of a line', () => {
  const rows = [
    ['name', 'count', ''],
    ['a', '7', 'x'],
    ['longer', '1,000', ''],
  ];
  expect(tableLines(rows, [false, true, false])).toEqual(['name    count', 'a           7  x', 'longer  1,000']);
  expect(tableLines([], [])).toEqual([]);
});

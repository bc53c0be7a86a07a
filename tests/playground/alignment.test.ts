import { expect, test } from 'vitest';

import { describeAlignment } from '../../playground/alignment/alignment.ts';

test('an alignment is told in words to people who do not see it', () => {
  const alignment = {
    inputSymbols: ['4', '2', ' ', '7'],
    outputSymbols: ['forty', 'two', 'seven'],
    alignment: [
      [0.9, 0.1, 0, 0],
      [0.2, 0.8, 0, 0],
      [0, 0, 0.1, 0.9],
    ],
  };
  expect(describeAlignment(alignment)).toBe('Looked most: forty at 4, two at 2, seven at 7');
  expect(describeAlignment({ ...alignment, outputSymbols: [], alignment: [] })).toBe('Nothing is written');
});

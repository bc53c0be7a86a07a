import { expect, test } from 'vitest';

import { alignmentPicture } from '../../../cli/picture/alignment-picture.ts';

/** Column, row and opacity of every cell. */
function cellsOf(svg: string): number[][] {
  const cells = [...svg.matchAll(/<rect x="(\d+)" y="(\d+)"[^>]*fill-opacity="([\d.]+)"/g)];
  const lefts = cells.map(([, x]) => Number(x));
  const tops = cells.map(([, , y]) => Number(y));
  const [left, top] = [Math.min(...lefts), Math.min(...tops)];
  return cells.map(([, , , opacity], index) => [
    (lefts[index]! - left) / 22,
    (tops[index]! - top) / 22,
    Number(opacity),
  ]);
}

test('a cell is as dark as its share, in the column of its input and the row of its output', () => {
  const svg = alignmentPicture({
    inputSymbols: ['a', 'b', 'c'],
    outputSymbols: ['x', 'y'],
    alignment: [
      [0, 0.25, 0.75],
      [1, 0, 0.001],
    ],
  });
  expect(cellsOf(svg)).toEqual([
    [1, 0, 0.25],
    [2, 0, 0.75],
    [0, 1, 1],
  ]);
  expect(svg).toContain('<title>75.0 %</title>');
});

test('both axes carry their symbols in order, spaces to be seen and markup without effect', () => {
  const svg = alignmentPicture(
    {
      inputSymbols: ['<b>', ' '],
      outputSymbols: ['&', 'z'.repeat(40)],
      alignment: [
        [1, 0],
        [0, 1],
      ],
    },
    'a < b',
  );
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(['a &lt; b', '&lt;b&gt;', '␣', '&amp;', `${'z'.repeat(23)}…`]);
  expect(svg).toContain('rotate(-90'); // a label of three characters does not fit above its column
  expect(alignmentPicture({ inputSymbols: ['a'], outputSymbols: ['x'], alignment: [[1]] })).not.toContain('rotate');
});

test('nothing written makes a picture without cells', () => {
  const svg = alignmentPicture({ inputSymbols: ['a'], outputSymbols: [], alignment: [] });
  expect(cellsOf(svg)).toEqual([]);
  expect(svg.startsWith('<svg')).toBe(true);
});

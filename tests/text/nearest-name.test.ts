import { expect, test } from 'vitest';

import { nearestName } from '../../src/text/nearest-name.ts';

test.each([
  ['digitz', 'digits'], // another letter
  ['digit', 'digits'], // one too few
  ['ddigits', 'digits'], // one too many
  ['LETTERS', 'letters'],
  ['lettesr', 'letters'],
  ['cods', 'codes'],
])('of the names that are known, "%s" most likely means "%s", wherever that is listed', (name, meant) => {
  expect(nearestName(name, ['codes', 'digits', 'letters'])).toBe(meant);
  expect(nearestName(name, ['letters', 'digits', 'codes'])).toBe(meant);
});

test('up to two letters may differ, or a third of a longer name', () => {
  expect(nearestName('abxx', ['abcd'])).toBe('abcd');
  expect(nearestName('axxx', ['abcd'])).toBe(undefined);
  expect(nearestName('abcdefxxx', ['abcdefghi'])).toBe('abcdefghi');
  expect(nearestName('abcdexxxx', ['abcdefghi'])).toBe(undefined);
});

test('where no name is known, none is meant', () => {
  expect(nearestName('digits', [])).toBe(undefined);
});

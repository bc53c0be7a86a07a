import { expect, test } from 'vitest';

import { toThousandths, toWrittenWords } from '../../src/text/written-words.ts';

test('times are written in whole milliseconds', () => {
  expect(toThousandths(5.520_000_000_000_000_5)).toBe(5.52);
  expect(toThousandths(0.0005)).toBe(0.001);
});

test('words are written with times in milliseconds and confidences to six decimals, and keep what else they carry', () => {
  const word = { word: 'seven', start: 0.100_4, end: 0.499_6, confidence: 0.123_456_7, channel: 1 };
  expect(toWrittenWords([word])).toEqual([{ word: 'seven', start: 0.1, end: 0.5, confidence: 0.123_457, channel: 1 }]);
});

import { expect, test } from 'vitest';

import { scorePronunciations } from '../../../corpora/pronunciations/scores.ts';

const tomato = { word: 'tomato', pronunciations: ['T AH M EY T OW', 'T AH M AA T OW'].map((said) => said.split(' ')) };
const cat = { word: 'cat', pronunciations: [['K', 'AE', 'T']] };

function scoresOf(...said: string[]) {
  return scorePronunciations(
    [tomato, cat],
    said.map((phones) => phones.split(' ')),
  );
}

test('a word is right in any of its ways', () => {
  expect(scoresOf('T AH M AA T OW', 'K AE T')).toMatchObject({ wer: 0, per: 0, words: 2 });
  expect(scoresOf('T AH M AE T OW', 'K AE T')).toMatchObject({ wer: 0.5 });
});

test('wrong phones count against the nearest way to say a word', () => {
  expect(scoresOf('T AH M AA T', 'K AE T S').per).toBe(2 / 9); // one missing, one too many, of 6 + 3
});

test('both rates have an interval around them', () => {
  const { wer, per, ci95 } = scoresOf('T AH M AA T', 'K AE T');
  expect(ci95.wer.low).toBeLessThan(wer);
  expect(ci95.wer.high).toBeGreaterThan(wer);
  expect(ci95.per.low).toBeLessThanOrEqual(per);
  expect(ci95.per.high).toBeGreaterThanOrEqual(per);
});

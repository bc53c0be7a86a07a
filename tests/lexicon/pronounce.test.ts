import { expect, test } from 'vitest';

import { pronounce } from '../../src/lexicon/pronounce.ts';

test('words of the dictionary have all of its ways, in both accents, whatever their capitals', async () => {
  const { read = [], the = [] } = await pronounce(['Read', 'THE', 'read']);
  expect(read.map((phones) => phones.join(' '))).toEqual(['ɹ ɛ d', 'ɹ i d']);
  expect(the.map((phones) => phones.join(' '))).toEqual(['ð ə', 'ð ʌ', 'ð i']);
});

test('words that it lacks are spelled by the model', async () => {
  const lexicon = await pronounce(['hearken', 'glorbing', 'kettle']);
  expect(Object.keys(lexicon)).toEqual(['hearken', 'glorbing', 'kettle']);
  expect(lexicon['glorbing']!.map((phones) => phones.join(' '))).toContain('ɡ l o ɹ b ɪ ŋ'.replace('ɡ', 'g'));
});

test('what has no letter is refused', async () => {
  await expect(pronounce(['21'])).rejects.toThrow(
    "Expected a word with a letter in it, got '21': write numbers as words",
  );
});

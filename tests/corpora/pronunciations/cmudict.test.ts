import { beforeAll, describe, expect, test } from 'vitest';

import {
  CMUDICT_FOLDER,
  cleanWords,
  hasCmudict,
  LETTERS,
  partOf,
  PHONES,
  type PronouncedWord,
  readCmudict,
} from '../../../corpora/pronunciations/cmudict.ts';
import { HearkenError } from '../../../src/errors.ts';

describe('entries of the dictionary', () => {
  test('lose stress and comments, and alternates join their word', () => {
    const entries: [string, string][] = [
      ['abbe', 'AE1 B IY0'],
      ['abbe(2)', 'AE0 B EY1 # foreign french'],
      ["'bout", 'B AW1 T'],
    ];
    expect(cleanWords(entries)).toEqual([
      {
        word: 'abbe',
        pronunciations: [
          ['AE', 'B', 'IY'],
          ['AE', 'B', 'EY'],
        ],
      },
      { word: "'bout", pronunciations: [['B', 'AW', 'T']] },
    ]);
  });

  test('are one way to say a word where they differ in stress alone', () => {
    const [word] = cleanWords([
      ['address', 'AH0 D R EH1 S'],
      ['address(2)', 'AE1 D R EH2 S'],
      ['address(3)', 'AH2 D R EH0 S'],
    ]);
    expect(word?.pronunciations.map((phones) => phones.join(' '))).toEqual(['AH D R EH S', 'AE D R EH S']);
  });

  test('are split by their place: of every twenty words seventeen train, the last is for choices, two before it for reports', () => {
    const words = cleanWords(Array.from({ length: 40 }, (_, index) => [`word${index}`, 'W'] as const));
    expect(partOf(words, 'dev').map(({ word }) => word)).toEqual(['word19', 'word39']);
    expect(partOf(words, 'test').map(({ word }) => word)).toEqual(['word17', 'word18', 'word37', 'word38']);
    expect(partOf(words, 'train')).toHaveLength(34);
  });

  test('are refused with the command that fetches them where they are not there', async () => {
    const reading = readCmudict('/nowhere');
    await expect(reading).rejects.toThrow(HearkenError);
    await expect(reading).rejects.toThrow('npm run data:pronunciations');
  });
});

const isThere = await hasCmudict();
describe.skipIf(!isThere)(`the dictionary${isThere ? '' : ` (skipped without ${CMUDICT_FOLDER})`}`, () => {
  let words: PronouncedWord[];
  beforeAll(async () => {
    words = await readCmudict();
  }, 60_000);

  test('has 107,140 words to train on, 6,302 for choices and 12,604 for reports, as the published split', () => {
    const counts = (['train', 'dev', 'test'] as const).map((part) => partOf(words, part).length);
    expect(counts).toEqual([107_140, 6_302, 12_604]);
  });

  test('is written with 29 signs and said with 39 phones', () => {
    expect([...new Set(words.flatMap(({ word }) => word.split('')))].toSorted()).toEqual(LETTERS);
    const phones = new Set(words.flatMap(({ pronunciations }) => pronunciations.flat()));
    expect([...phones].toSorted()).toEqual(PHONES);
    expect(words.filter(({ pronunciations }) => pronunciations.length === 0)).toEqual([]);
  });
});

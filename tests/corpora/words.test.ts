import { describe, expect, test } from 'vitest';

import { FOREIGN_SPELLINGS, PICO_SPELLINGS } from '../../models/codes-en/foreign-spelling.ts';
import {
  CODE_WORDS,
  DIGIT_LABELS,
  DIGIT_WORDS,
  englishSpelling,
  espeakSpelling,
  labelOf,
} from '../../models/codes-en/words.ts';

describe('the words of codes-en', () => {
  test('are 37 with 36 labels: "oh" and the letter o are one sound', () => {
    expect(CODE_WORDS.length).toBe(37);
    expect(new Set(CODE_WORDS.map(labelOf)).size).toBe(36);
    expect([labelOf('zero'), labelOf('oh'), labelOf('o'), labelOf('two'), labelOf('t')]).toEqual([
      '0',
      'o',
      'o',
      '2',
      't',
    ]);
    expect(DIGIT_LABELS).toEqual(Array.from('0123456789o'));
  });

  test('are spelled so that synthesisers name the letters', () => {
    expect(espeakSpelling('a')).toBe('[[eI]]');
    expect(espeakSpelling('z')).toBe('Z');
    expect(espeakSpelling('seven')).toBe('seven');
    expect(englishSpelling('a', 'american')).toBe('ay');
    expect([englishSpelling('z', 'american'), englishSpelling('z', 'scottish')]).toEqual(['z', 'zed']);
    expect([englishSpelling('r', 'scottish'), englishSpelling('r', 'british')]).toEqual(['r', 'ah']);
  });

  test('are written down for every foreign voice, but for Italian h', () => {
    for (const [voice, spellings] of FOREIGN_SPELLINGS) {
      const missing = CODE_WORDS.filter((word) => !spellings.has(word));
      expect(missing).toEqual(voice === 'lp_diphone' || voice === 'pc_diphone' ? ['h'] : []);
    }
    expect(FOREIGN_SPELLINGS.get('telugu_NSK_diphone')?.get('z')).toBe('జెడ్');
    expect(FOREIGN_SPELLINGS.get('czech_ph')?.get('oh')).toBe('ou');
    for (const spellings of PICO_SPELLINGS.values()) {
      expect([...spellings.keys()]).toEqual(DIGIT_WORDS.slice(0, spellings.size));
      expect(spellings.size).toBeGreaterThanOrEqual(10);
    }
  });
});

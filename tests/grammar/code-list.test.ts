import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { codeListOf } from '../../src/grammar/code-list.ts';

const encoder = new TextEncoder();
const codes = fc.stringMatching(/^[A-Z0-9é -]{1,6}$/);

describe('a list of codes', () => {
  test('has exactly its lines, however they end', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\n\n');
    fc.assert(
      fc.property(fc.array(codes, { minLength: 1, maxLength: 200 }), fc.array(codes), ends, (listed, asked, end) => {
        const list = codeListOf(encoder.encode(listed.join(end)));
        expect(list.count).toBe(listed.length);
        for (const code of listed) expect(list.has(code)).toBe(true);
        for (const code of [...asked, `${listed[0]} `, listed[0]!.slice(1)]) {
          expect([code, list.has(code)]).toEqual([code, listed.includes(code)]);
        }
      }),
    );
  });

  test('passes over a byte order mark', () => {
    expect(codeListOf(encoder.encode('\uFEFFAB1\nAB2\n')).has('AB1')).toBe(true);
  });

  test('without a line is refused', () => {
    expect(() => codeListOf(encoder.encode('\n\r\n'))).toThrow(expect.objectContaining({ code: 'grammar/empty' }));
  });
});

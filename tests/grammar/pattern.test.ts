import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { codeGrammar } from '../../src/grammar/code-grammar.ts';
import { writtenAutomaton } from '../../src/grammar/pattern.ts';
import { idsOf, SPOKEN } from './spoken-vocabulary.ts';

function accepts(pattern: string, text: string): boolean {
  const automaton = writtenAutomaton(pattern);
  let state: number | undefined = 0;
  for (let index = 0; index < text.length && state !== undefined; index++) {
    state = automaton.next(state, text.charCodeAt(index));
  }
  return state !== undefined && automaton.isFinal(state);
}

const atom = fc.constantFrom('A', 'B', '7', '-', '\\d', '[A-C]', '[0-7]', '[^A]', '[A\\d]', '\\w', '.', '\\/');
const repeat = fc.constantFrom('?', '*', '+', '{2}', '{0,2}', '{1,3}', '{2,}');
const { pattern: patterns } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    atom,
    tie('pattern').map((inner) => `(${inner})`),
    fc.tuple(atom, repeat).map(([one, times]) => one + times),
    fc.tuple(tie('pattern'), repeat).map(([inner, times]) => `(?:${inner})${times}`),
  ),
  pattern: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
    fc.tuple(tie('part'), tie('part')).map((parts) => parts.join('|')),
  ),
}));
const texts = fc.string({ unit: fc.constantFrom('A', 'B', 'C', '0', '7', '9', '-', '/'), maxLength: 6 });

describe('a pattern', () => {
  test('accepts exactly the texts that the regular expression matches as a whole', () => {
    fc.assert(
      fc.property(patterns, fc.array(texts, { maxLength: 20 }), (pattern, some) => {
        const expression = new RegExp(`^(?:${pattern})$`);
        for (const text of some) expect([text, accepts(pattern, text)]).toEqual([text, expression.test(text)]);
      }),
      { numRuns: 60 },
    );
  });

  test('can be said as exactly the texts that the regular expression matches', () => {
    const nameOf: Record<string, string> = { '-': 'dash', '/': 'slash' };
    fc.assert(
      fc.property(
        patterns,
        fc.array(
          texts.filter((text) => text !== ''),
          { maxLength: 10 },
        ),
        (pattern, some) => {
          const expression = new RegExp(`^(?:${pattern})$`);
          const { walk } = codeGrammar(SPOKEN, 'en', { pattern }).code;
          for (const text of some) {
            const said = idsOf(Array.from(text, (character) => nameOf[character] ?? character.toLowerCase()).join(' '));
            const written = walk.readings(said, 4).filter(({ complete }) => complete);
            expect([text, written.some((reading) => reading.written === text)]).toEqual([text, expression.test(text)]);
            for (const reading of written) expect(reading.written).toMatch(expression);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('may stand between anchors', () => {
    expect(['12', '123'].map((text) => accepts('^\\d{2}$', text))).toEqual([true, false]);
  });

  test.each([
    ['a(?=b)', 2, 'no assertion'],
    ['\\bA', 1, 'no assertion'],
    ['(A)\\1', 4, 'no reference back'],
    ['A+?', 3, 'no lazy repeat'],
    ['A^B', 2, '^ only around'],
    ['A|B$', 4, '$ only around'],
    ['A(B', 4, 'a fault'],
    ['[9-0]', 5, 'a fault'],
    ['A[]', 1, 'that some text matches'],
  ])('%s is refused with its column', (pattern, column, reason) => {
    const refusal = { code: 'grammar/pattern', message: expect.stringContaining(reason) };
    const place = { message: expect.stringContaining(`(column ${column} of the pattern`) };
    expect(() => writtenAutomaton(pattern)).toThrow(expect.objectContaining(refusal));
    expect(() => writtenAutomaton(pattern)).toThrow(expect.objectContaining(place));
  });

  test.each(['(\\d{1,999}){1,999}', 'A'.repeat(10_001)])('that is too large is refused', (pattern) => {
    expect(() => writtenAutomaton(pattern)).toThrow(expect.objectContaining({ code: 'grammar/too-large' }));
  });
});

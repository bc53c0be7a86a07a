import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { bleu } from '../../src/text/bleu.ts';
import { chrf } from '../../src/text/chrf.ts';

const text = fc.array(fc.constantFrom('die', 'Datei', 'öffnet', '3,5', '(so)', '.', '🙂'), { maxLength: 8 });
const corpus = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }).map((pairs) => ({
  hypotheses: pairs.map(([hypothesis]) => hypothesis.join(' ')),
  references: pairs.map(([, reference]) => reference.join(' ')),
}));

describe('scores of translations', () => {
  test('are between 0 and 100', () => {
    fc.assert(
      fc.property(corpus, ({ hypotheses, references }) => {
        for (const { score } of [bleu(hypotheses, references), chrf(hypotheses, references, { wordOrder: 2 })]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100 + 1e-9);
        }
      }),
    );
  });

  test('do not depend on the order of the segments', () => {
    fc.assert(
      fc.property(corpus, ({ hypotheses, references }) => {
        const [others, expected] = [hypotheses.toReversed(), references.toReversed()];
        expect(bleu(others, expected).score).toBeCloseTo(bleu(hypotheses, references).score, 9);
        expect(chrf(others, expected).score).toBeCloseTo(chrf(hypotheses, references).score, 9);
      }),
    );
  });

  test('of what is as the reference are 100', () => {
    const references = ['Die Datei wurde nicht gefunden.', 'Ja'];
    expect(bleu(references, references).score).toBeCloseTo(100, 9);
    expect(chrf(references, references).score).toBeCloseTo(100, 9);
    expect(chrf(references, references, { wordOrder: 2 }).score).toBeCloseTo(100, 9);
  });

  test('are refused where hypotheses and references are not equally many', () => {
    for (const score of [bleu, chrf]) {
      expect(() => score(['a', 'b'], ['a'])).toThrow(
        'Expected as many references as hypotheses, at least one, got 1 and 2',
      );
      expect(() => score([], [])).toThrow('at least one, got 0 and 0');
    }
  });

  test('cost translations that are too short', () => {
    expect(bleu(['Die Datei wurde nicht'], ['Die Datei wurde nicht gefunden']).brevityPenalty).toBeCloseTo(
      Math.exp(-1 / 4),
      12,
    );
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type EditCosts, fillEditRow, fillLastEditRow } from '../../src/text/edit-distance.ts';

/** By trying all three edits at every place. */
function leastCost(sequence: string, others: string, costs: EditCosts): number {
  if (sequence === '' || others === '') return costs.gap * (sequence.length + others.length);
  const changed = sequence[0] === others[0] ? 0 : costs.substitution;
  return Math.min(
    changed + leastCost(sequence.slice(1), others.slice(1), costs),
    costs.gap + leastCost(sequence.slice(1), others, costs),
    costs.gap + leastCost(sequence, others.slice(1), costs),
  );
}

test('a row holds what it costs at least to turn the rest of one sequence into each rest of the other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
  const price = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(text, text, price, price, (sequence, others, substitution, gap) => {
      const costs = { substitution, gap };
      let row = new Float64Array(others.length + 1);
      fillLastEditRow(row, costs);
      for (let i = sequence.length; i >= 0; i--) {
        if (i < sequence.length) {
          const below = row;
          row = new Float64Array(below.length);
          fillEditRow(row, { symbol: sequence[i], others: others.split(''), below }, costs);
        }
        const expected = Array.from(row, (_, j) => leastCost(sequence.slice(i), others.slice(j), costs));
        expect([...row]).toEqual(expected);
      }
    }),
  );
});

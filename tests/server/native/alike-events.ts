import { expect } from 'vitest';

import type { NumberedMessage } from '../../../client/index.ts';

const TOLERANCE = 1e-4;

/** What was said and when; and apart from it, in order, the probabilities and shares of attention that the model computed. */
function apart(events: readonly NumberedMessage[]): { readonly told: unknown; readonly computed: readonly number[] } {
  const computed: number[] = [];
  const told = JSON.stringify(events, (name, value) => {
    if (!['confidence', 'memory', 'decoder'].includes(name)) return value;
    const numbers = [value].flat() as number[];
    computed.push(...numbers);
    return numbers.length;
  });
  return { told: JSON.parse(told), computed };
}

/**
 * Expects the same events with the same offsets, words and times. Confidences, and shares of attention where it was asked
 * for, may differ by 1e-4: whom a stream shares a batch with changes their last digits, as any other order of adding does.
 */
export function expectAlike(heard: readonly NumberedMessage[], expected: readonly NumberedMessage[]): void {
  const [got, due] = [apart(heard), apart(expected)];
  expect(got.told).toEqual(due.told);
  expect(due.computed.length).toBeGreaterThan(0);
  const differences = due.computed.map((value, index) => Math.abs(value - (got.computed[index] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(TOLERANCE);
}

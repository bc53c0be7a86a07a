import { describe, expect, test } from 'vitest';

import { createBackoff } from '../../client/backoff.ts';

const waits = (random: number): (number | undefined)[] => {
  const backoff = createBackoff(() => random);
  return Array.from({ length: 6 }, () => backoff.next(5));
};

describe('the backoff', () => {
  test('doubles its waits up to ten seconds, as often as it may', () => {
    expect(waits(1)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, undefined]);
  });

  test('spreads them over their upper half', () => {
    expect(waits(0)).toEqual([500, 1_000, 2_000, 4_000, 5_000, undefined]);
  });

  test('begins anew once a connection worked', () => {
    const backoff = createBackoff(() => 1);
    backoff.next(5);
    backoff.next(5);
    backoff.reset();
    expect(backoff.next(5)).toBe(1_000);
  });
});

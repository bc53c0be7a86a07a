import fc from 'fast-check';
import { expect, test } from 'vitest';

import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { endpointRulesOf, findEndpointRule } from '../../src/recognizer/endpointing.ts';

const { endpointing } = DEFAULT_DECODING;

test('a pause of the chosen length ends an utterance, a shorter one does not', () => {
  const pause = fc.integer({ min: 100, max: 10_000 });
  fc.assert(
    fc.property(pause, (pauseMs) => {
      const rules = endpointRulesOf({ ...endpointing, pauseMs });
      const after = (silenceMs: number): string | undefined =>
        findEndpointRule(rules, {
          hasWords: true,
          trailingSilenceMs: silenceMs,
          trailingBlankMs: silenceMs,
          utteranceMs: 14_000,
        })?.reason;
      expect(after(pauseMs - 1)).toBeUndefined();
      expect(after(pauseMs)).toBe('silence');
    }),
  );
});

test('a short pause does not make the wait for words shorter', () => {
  const wordless = { hasWords: false, trailingSilenceMs: 999, trailingBlankMs: 4999, utteranceMs: 4999 };
  for (const rules of [endpointRulesOf(endpointing), endpointRulesOf({ ...endpointing, pauseMs: 100 })]) {
    expect(findEndpointRule(rules, wordless)).toBeUndefined();
    expect(findEndpointRule(rules, { ...wordless, trailingSilenceMs: 1000 })?.reason).toBe('quiet');
  }
});

test.each([99, 10_001, Number.NaN])('a pause of %d ms is refused', (pauseMs) => {
  expect(() => endpointRulesOf({ ...endpointing, pauseMs })).toThrow(
    expect.objectContaining({ code: 'option/out-of-range' }),
  );
});

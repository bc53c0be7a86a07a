import { afterEach, describe, expect, test, vi } from 'vitest';

import { nameFrom, numberFrom } from '../../models/environment.ts';

const VARIABLE = 'HEARKEN_TEST_CHOICE';

describe('what a recipe reads from the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is the default where nothing is set', () => {
    expect(nameFrom(VARIABLE, ['gru', 'lstm'], 'lstm')).toBe('lstm');
    expect(numberFrom(VARIABLE, 3)).toBe(3);
  });

  test('is what is set', () => {
    vi.stubEnv(VARIABLE, 'gru');
    expect(nameFrom(VARIABLE, ['gru', 'lstm'], 'lstm')).toBe('gru');
    vi.stubEnv(VARIABLE, '1e-3');
    expect(numberFrom(VARIABLE, 3)).toBe(0.001);
  });

  test('is refused where it is none of the choices, or no number', () => {
    vi.stubEnv(VARIABLE, 'gry');
    expect(() => nameFrom(VARIABLE, ['gru', 'lstm'], 'lstm')).toThrow(
      "Expected `HEARKEN_TEST_CHOICE` to be one of gru, lstm, got 'gry'",
    );
    expect(() => numberFrom(VARIABLE, 3)).toThrow('Expected `HEARKEN_TEST_CHOICE` to be a number, got ');
    vi.stubEnv(VARIABLE, '-1');
    expect(() => numberFrom(VARIABLE, 3)).toThrow('Expected `HEARKEN_TEST_CHOICE` in 0');
  });
});

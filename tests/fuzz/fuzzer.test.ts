import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { Random } from '../../src/tensor/random.ts';
import { createFuzzer } from './fuzzer.ts';
import { mutate } from './mutate.ts';

const fuzzer = createFuzzer(join(import.meta.dirname, 'faulty-targets.ts'));
/** For targets that hang: nobody waits long for what never comes. */
const impatient = createFuzzer(join(import.meta.dirname, 'faulty-targets.ts'), { hangMs: 3_000 });
afterAll(() => {
  fuzzer.close();
  impatient.close();
});

describe('the fuzzer', () => {
  test('is content with refusals', async () => {
    expect(await fuzzer.run({ target: 'sound', seed: 1, cases: 100 })).toEqual({ cases: 100, failures: [] });
  });

  test.each([
    ['late', 'Error: in a callback'],
    ['unhandled', 'Error: that nobody awaits'],
    ['greedy', 'allocated 4294967296 bytes'],
  ])('tells of a target that is %s', async (target, what) => {
    const { failures } = await fuzzer.run({ target, seed: 1, cases: 100 });
    expect(failures[0]?.what).toContain(what);
  });

  // Each is content with inputs that begin with 1, and with no others.
  test.each([
    ['untyped', 'TypeError: of undefined', fuzzer],
    ['endless', 'hung', impatient],
    ['stuck', 'hung', impatient],
    ['deadly', 'the process died: SIGSEGV', fuzzer],
  ])('tells of a target that is %s, with the input', async (target, what, watching) => {
    const { failures } = await watching.run({ target, seed: 1, cases: 100 });
    expect(failures[0]?.what).toContain(what);
    expect(failures[0]?.input[0]).not.toBe(1);
  });

  test('finds what one value of one field of JSON does', async () => {
    const { failures } = await fuzzer.run({ target: 'fieldwise', seed: 1, cases: 1_500 });
    expect(failures[0]?.what).toContain('TypeError: Cannot convert undefined or null to object');
    expect(JSON.parse(Buffer.from(failures[0]?.input ?? []).toString())).toMatchObject({ config: { words: null } });
  });

  test('gives the same inputs for the same seed, and others for another', () => {
    const seeds = ['{"a":[1,2,{"b":"text"}]}', 'RIFF....WAVE'].map((text) => new TextEncoder().encode(text));
    const inputs = (seed: number): string[] => {
      const random = Random.seeded(seed);
      return Array.from({ length: 500 }, () => Buffer.from(mutate(seeds, random)).toString('hex'));
    };
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(2)).not.toEqual(inputs(1));
    expect(new Set(inputs(1)).size).toBeGreaterThan(400);
  });
});

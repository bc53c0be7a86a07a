import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { createFuzzer, type FuzzFailure, keepFailure } from './fuzzer.ts';
import { FAILURES, filesIn } from './target.ts';
import { TARGETS } from './targets.ts';

const TIMEOUT_MS = 600_000;
const fuzzer = createFuzzer(join(import.meta.dirname, 'targets.ts'));
afterAll(fuzzer.close);

const kept = await Promise.all(
  TARGETS.map(async ({ name }) =>
    [...(await filesIn(join(FAILURES, name)))].map(([file, input]) => ({ name, file, input })),
  ),
);

/** Where each failing input is kept, and what it did. */
function told(target: string, failures: readonly FuzzFailure[]): Promise<string[]> {
  return Promise.all(failures.map(async (failure) => `${await keepFailure(target, failure)}: ${failure.what}`));
}

describe('what takes bytes from outside', () => {
  test.each(TARGETS)(
    'takes or refuses every mutated input: $name',
    { timeout: TIMEOUT_MS },
    async ({ name, cases }) => {
      const run = await fuzzer.run({ target: name, seed: 1, cases });
      expect(await told(name, run.failures)).toEqual([]);
      expect(run.cases).toBe(cases);
    },
  );

  test.each(kept.flat())(
    'takes or refuses what once failed: $name/$file',
    { timeout: TIMEOUT_MS },
    async ({ name, input }) => {
      const { failures } = await fuzzer.run({
        target: name,
        seed: 1,
        cases: 1,
        input: Buffer.from(input).toString('base64'),
      });
      expect(failures.map(({ what }) => what)).toEqual([]);
    },
  );
});

import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

/** An element that is read with a number for a default: `row[index] ?? 0`, `at[i]?.[j] ?? -Infinity`, `sums[i]! ?? Number.NaN`. */
const DEFAULTED = /\][!)]*\s*\?\?\s*(?:[-+]?\d|[-+]?Infinity|NaN|Number\.)/;

/** `line: text` of each line of `source` that reads so. */
function defaultedReads(source: string): string[] {
  return source.split('\n').flatMap((text, index) => (DEFAULTED.test(text) ? [`${index + 1}: ${text.trim()}`] : []));
}

describe('in the log domain, where 0 is certainty,', () => {
  // The first read of a trace that has none yet is that of vector 0: a count, not a probability.
  const allowed = ['counts[0] ?? 0, ...runs'];

  test.each(['src/ctc', 'src/recognizer'])(
    'no element of an array in %s is read with a number for a default',
    (folder) => {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
      expect(files.length).toBeGreaterThan(5);
      const found = files.flatMap((file) =>
        defaultedReads(readFileSync(`${folder}/${file}`, 'utf8')).map((read) => `${folder}/${file}:${read}`),
      );
      expect(found.filter((read) => !allowed.some((text) => read.includes(text)))).toEqual([]);
    },
  );

  test.each([
    ['  sum += row[index] ?? 0;', 1],
    ['const best = (scores[at(i, j)] ?? Number.NEGATIVE_INFINITY) > 0;', 1],
    ['const least = table[i]?.[j] ?? -Infinity;', 1],
    ['const beam = state.beam ?? 0;', 0],
    ['const word = words[index] ?? first;', 0],
  ])('%s is told apart', (line, count) => {
    expect(defaultedReads(line)).toHaveLength(count);
  });
});

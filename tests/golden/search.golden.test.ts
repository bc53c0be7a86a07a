import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { createPrefixBeam } from '../../src/ctc/prefix-beam.ts';
import { ctcScore } from '../ctc/support.ts';
import { alignLabels } from '../../src/ctc/alignment.ts';
import type { LogProbabilityRows } from '../../src/ctc/log-probabilities.ts';

type Golden = {
  readonly utterances: readonly {
    readonly rows: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly ctcScore: number;
    readonly alignment: { readonly symbols: readonly number[]; readonly logProbability: number };
  }[];
  readonly nBests: readonly {
    readonly rows: readonly (readonly number[])[];
    readonly allowed: readonly number[];
    readonly nBest: readonly { readonly labels: readonly number[]; readonly logProbability: number }[];
  }[];
};

const golden: Golden = JSON.parse(await readFile(new URL('search/search.json', import.meta.url), 'utf8'));

function rowsOf(rows: readonly (readonly number[])[]): LogProbabilityRows {
  return { width: rows[0]?.length ?? 0, data: Float64Array.from(rows.flat()) };
}

describe.each(golden.utterances)('an utterance of labels $labels', ({ rows, labels, ctcScore: score, alignment }) => {
  test("has the CTC score of PyTorch's loss", () => {
    expect(ctcScore(rowsOf(rows), labels)).toBeCloseTo(score, 9);
  });

  test("has torchaudio's forced alignment", () => {
    const aligned = alignLabels(rowsOf(rows), labels);
    const symbols = rows.map(
      (_, row) => aligned.labels.find(({ first, last }) => first <= row && row <= last)?.label ?? 0,
    );
    expect(symbols).toEqual(alignment.symbols);
    expect(aligned.logProbability).toBeCloseTo(alignment.logProbability, 9);
  });
});

describe.each(golden.nBests)('a prefix beam over labels $allowed', ({ rows, allowed, nBest }) => {
  test('has the n-best list that adding up all paths gives', () => {
    const beam = createPrefixBeam({ labelCount: (rows[0]?.length ?? 0) - 1, beamSize: 4096, allowed });
    beam.push(rowsOf(rows));
    const found = beam.hypotheses().slice(0, nBest.length);
    expect(found.map(({ labels }) => labels)).toEqual(nBest.map(({ labels }) => labels));
    for (const [index, { logProbability }] of found.entries()) {
      expect(logProbability).toBeCloseTo(nBest[index]?.logProbability ?? Number.NaN, 9);
    }
  });
});

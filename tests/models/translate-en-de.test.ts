/** The evaluation of translate-en-de, with a translator that is made up. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { evaluateTranslation, type Translated } from '../../models/translate-en-de/evaluation.ts';

const PAIRS = [
  ['now open this file', 'jetzt diese Datei öffnen'],
  ['now close this file', 'jetzt diese Datei schließen'],
  ['then open every window', 'dann jedes Fenster öffnen'],
  ['then close every window', 'dann jedes Fenster schließen'],
] as const;
const lines = PAIRS.map((pair) => `${pair.join('\t')}\n`).join('');

/** For each word of a translation the place of the word that it means: "jetzt diese Datei öffnen" is "now open this file". */
const RIGHT = [0, 2, 3, 1];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-translation-'));
  await writeFile(path.join(folder, 'train.tsv'), lines.repeat(20));
  await writeFile(path.join(folder, 'test.tsv'), lines);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Translates as told, each word looking at the word of the source that `places` names. */
function translator(told: ReadonlyMap<string, string>, places: readonly number[]) {
  return async (sources: readonly string[]): Promise<Translated[]> =>
    sources.map((source) => {
      const text = told.get(source) ?? source;
      const pieces = (line: string): string[] => line.split(/(?= )/); // a word is a piece, with the space before it
      const inputSymbols = pieces(source);
      const outputSymbols = pieces(text);
      const alignment = outputSymbols.map((_, word) =>
        inputSymbols.map((__, place) => (place === places[word] ? 1 : 0)),
      );
      return { text, alignment, inputSymbols, outputSymbols };
    });
}

test('a perfect translation whose words look at those that they mean has the best scores and no wrong link', async () => {
  const report = await evaluateTranslation(translator(new Map(PAIRS), RIGHT), folder);
  expect(report).toMatchObject({ chrf: 100, bleu: expect.closeTo(100, 9), sentences: 4 });
  const { common, expected, errorRate } = report.alignment;
  expect(expected).toBeGreaterThan(0);
  expect(common).toBe(expected);
  expect(errorRate).toBeLessThan(0.5); // the standard links few words, and each that it leaves out counts
  expect(report.signature.bleu).toContain('tok:13a');
  expect(Object.keys(report.baselines)).toEqual(['copy', 'translation memory', 'word by word']);
});

test('a translation that looks at the wrong words, or writes the source again, is told from a good one', async () => {
  const right = await evaluateTranslation(translator(new Map(PAIRS), RIGHT), folder);
  const astray = await evaluateTranslation(translator(new Map(PAIRS), [1, 0, 3, 2]), folder);
  expect(astray.alignment.errorRate).toBeGreaterThan(right.alignment.errorRate);
  const copied = await evaluateTranslation(translator(new Map(), RIGHT), folder);
  expect([copied.bleu, copied.chrf]).toEqual([copied.baselines.copy.bleu, copied.baselines.copy.chrf]);
  expect(copied.chrf).toBeLessThan(50);
});

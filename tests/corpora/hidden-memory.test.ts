import { expect, test } from 'vitest';

import { type ComparedModel, compareHidden } from '../../corpora/hidden-memory.ts';
import type { ScoredItem } from '../../corpora/scores.ts';

const LIKELY = [0.1, 0.7, 0.2];
const OTHERWISE = [0.5, 0.3, 0.2];

/** A model whose rows are `rows`, probabilities, whatever it hears. */
function modelOf(rows: readonly (readonly number[])[]): ComparedModel {
  return {
    vocabulary: { labels: ['1', '2'], grammars: { digits: [] }, defaultGrammar: 'digits' },
    sampleRate: 16_000,
    async *encode() {
      for (const row of rows) yield { logProbabilities: Float32Array.from(row, Math.log) };
    },
    recognize: async () => ({ words: [{ word: 'two', confidence: 1 }] }),
    async *stream() {
      yield { type: 'final', words: [{ word: 'two', start: 0, confidence: 1 }] };
    },
  };
}

const HEARD: readonly ScoredItem[] = [
  { kind: 'isolated', speaker: 'a', said: ['one'], heard: ['one'] },
  { kind: 'isolated', speaker: 'a', said: ['two'], heard: ['two'] },
  { kind: 'connected', speaker: 'b', said: ['one', 'two'], heard: ['two', 'two'] },
  { kind: 'connected', speaker: 'b', said: ['one', 'one'], heard: ['one', 'one'] },
];
const HEARD_HIDDEN: readonly ScoredItem[] = [
  { ...HEARD[0]!, heard: ['two', 'two', 'two'] },
  HEARD[1]!,
  { ...HEARD[2]!, heard: ['one', 'two'] },
  { ...HEARD[3]!, heard: [] },
];
const grammar = { name: 'digits', allowed: [], words: new Map<number, string>() };

test('counts errors of both passes, their difference, and the words that were heard otherwise', async () => {
  const models = { asIs: modelOf([]), hidden: modelOf([]) };
  const report = await compareHidden({ from: 'decoder', models, heard: HEARD, again: async () => HEARD_HIDDEN });
  expect(report).toMatchObject({
    from: 'decoder',
    isolated: { errors: 0, errorsHidden: 1, total: 2, difference: 0.5, changedWords: 3 },
    connected: { errors: 1, errorsHidden: 2, total: 4, difference: 0.25, changedWords: 3 },
  });
  expect(report.connected?.ci95).toEqual({ low: -0.5, high: 1 });
  expect(report.changed.map(({ item }) => item)).toEqual([1, 3, 4]);
  expect(report.changed[1]).toEqual({
    item: 3,
    kind: 'connected',
    speaker: 'b',
    said: ['one', 'two'],
    heard: ['two', 'two'],
    heardHidden: ['one', 'two'],
  });
  expect(report).not.toHaveProperty('rows');
});

test('compares the rows of all that is heard again, by itself or as a stream, where the read is without summaries', async () => {
  const models = { asIs: modelOf([LIKELY, LIKELY]), hidden: modelOf([LIKELY, OTHERWISE]) };
  const samples = new Float32Array(10);
  const { rows } = await compareHidden({
    from: 'both',
    models,
    heard: [],
    again: async (model) => {
      const alone = await model.recognize(samples, { grammar, decoder: 'ctc' });
      expect(alone.words.map(({ word }) => word)).toEqual(['two']);
      for await (const event of model.stream([samples], { grammar, decoder: 'ctc' })) expect(event.type).toBe('final');
      return [];
    },
  });
  const kl = 0.1 * Math.log(0.1 / 0.5) + 0.7 * Math.log(0.7 / 0.3);
  expect(rows).toMatchObject({ rows: 4, changedRows: 2 });
  expect(rows?.meanKl).toBeCloseTo(kl / 2, 6);
});

test('refuses passes that are not of the same items', async () => {
  const models = { asIs: modelOf([]), hidden: modelOf([]) };
  const refused = compareHidden({ from: 'decoder', models, heard: HEARD, again: async () => HEARD.slice(1) });
  await expect(refused).rejects.toThrow('Expected the same 4 items twice, got 3');
});

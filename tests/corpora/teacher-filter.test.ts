import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import { CODES_CONFIG } from '../../models/codes-en/config.ts';
import { filterByTeacher, type TeacherFilterOptions } from '../../models/codes-en/teacher-filter.ts';

/** Hears as many words "one" as there are tenths of a second between the silences. */
const teacher: TeacherFilterOptions['teacher'] = {
  vocabulary: CODES_CONFIG.vocabulary,
  recognize: async (samples) => ({
    words: Array.from({ length: Math.round((samples.length - 8_000) / 1_600) }, () => ({ word: 'one', confidence: 1 })),
  }),
};

function utterance(labels: readonly string[], tenths: number, split: Utterance['split'] = 'train'): Utterance {
  const samples = new Int16Array(1_600 * tenths).fill(1_000);
  return { voice: 'Ann', source: 'recordings', split, labels, samples };
}

async function* each(utterances: readonly Utterance[]): AsyncGenerator<Utterance> {
  yield* utterances;
}

describe('filterByTeacher', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearken-understood-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('drops digits for training that are heard as others, and nothing else', async () => {
    const kept = [
      utterance(['1'], 1),
      utterance(['1', '1', '1'], 3),
      utterance(['a'], 1),
      utterance(['2', 'b'], 2),
      utterance(['7'], 1, 'dev'),
    ];
    const dropped = [utterance(['1'], 2), utterance(['4'], 1), utterance(['1', '4'], 2)];
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    await writeUtteranceBank(from, each([...kept.slice(0, 2), ...dropped, ...kept.slice(2)]));
    const progress: number[] = [];
    const heard = await filterByTeacher({ teacher, from, to, onProgress: (done) => progress.push(done) });
    expect(await readUtteranceBank(to)).toEqual(kept);
    expect([...heard]).toEqual([['Ann', { checked: 5, rejected: 3 }]]);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

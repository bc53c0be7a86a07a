import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  CLEAN,
  type EvaluatedModel,
  evaluate,
  evaluateGrid,
  type RecognizeClipOptions,
} from '../../corpora/evaluation.ts';
import { type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import type { Vocabulary } from '../../src/text/vocabulary.ts';
import { burst } from './sound.ts';

const VOCABULARY: Vocabulary = {
  labels: ['1', '2', 'o', 'x'],
  grammars: {
    digits: [
      { label: '1', word: 'one' },
      { label: '2', word: 'two' },
      { label: 'o', word: 'oh' },
    ],
    codes: [
      { label: '1', word: 'one' },
      { label: '2', word: 'two' },
      { label: 'o', word: 'o' },
      { label: 'x', word: 'x' },
    ],
  },
  defaultGrammar: 'codes',
};

const SAID: readonly (readonly string[])[] = [['1'], ['2'], ['o'], ['x'], ['1', '2', 'o'], ['2', '2'], ['1', 'x']];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-evaluation-'));
  async function* utterances(): AsyncGenerator<Utterance> {
    for (const [index, labels] of SAID.entries()) {
      const samples = Int16Array.from(burst(index, 0.2 * labels.length), (sample) => sample * 32_767);
      yield { voice: 'v', source: index % 2 === 0 ? 'formants' : 'recordings', split: 'dev', labels, samples };
    }
  }
  await writeUtteranceBank(folder, utterances());
});
afterAll(() => rm(folder, { recursive: true }));

const folders = (): { packages: string; noise: string; synthesis: string } => ({
  packages: '/nowhere',
  noise: '/nowhere',
  synthesis: folder,
});

/** Answers the listed words in turn and remembers how it was asked. */
function fake(
  answers: readonly (readonly string[])[],
  alignment?: readonly Float32Array[],
): {
  model: EvaluatedModel;
  asked: RecognizeClipOptions[];
} {
  const asked: RecognizeClipOptions[] = [];
  const model: EvaluatedModel = {
    vocabulary: VOCABULARY,
    recognize: async (samples, options) => {
      expect(samples.length).toBeGreaterThan(0);
      const words = (answers[asked.length % answers.length] ?? []).map((word) => ({ word, confidence: 0.75 }));
      asked.push(options);
      return alignment === undefined ? { words } : { words, alignment };
    },
    async *stream([samples = new Float32Array(0)], options) {
      yield { type: 'partial' };
      const seconds = samples.length / 16_000;
      const words = answers[asked.length % answers.length] ?? [];
      asked.push(options);
      yield { type: 'final', words: [{ word: 'x', start: 0.3, confidence: 0.75 }] };
      yield { type: 'final', words: words.map((word) => ({ word, start: seconds - 0.5, confidence: 0.75 })) };
    },
  };
  return { model, asked };
}

describe('evaluate', () => {
  test('counts errors of words and of strings, speaker by speaker', async () => {
    const { model, asked } = fake([['one'], ['one'], ['oh'], ['one', 'oh'], ['two', 'two', 'two']]);
    const report = await evaluate({ model, set: 'synthetic', grammar: 'digits', peer: false, folders: folders() });
    expect(report.isolated).toMatchObject({ errors: 1, total: 3 });
    expect(report.connected).toMatchObject({ errors: 2, total: 5, wer: 0.4, deletions: 1, insertions: 1 });
    expect(report.confusions).toEqual([{ said: 'two', heard: 'one', count: 1 }]);
    expect(report.calibration.rows).toHaveLength(1);
    expect(report.calibration).toMatchObject({
      words: 8,
      rows: [{ from: 0.7, words: 8, confidence: 0.75, right: 0.75 }],
    });
    expect(report.perSpeaker).toEqual([
      { name: 'formants', digits: { errors: 1, total: 5 }, errors: 1, total: 5 },
      { name: 'recordings', digits: { errors: 2, total: 3 }, errors: 2, total: 3 },
    ]);
    expect(report).toMatchObject({ set: 'synthetic', grammar: 'digits', decoder: 'joint', noise: 'clean' });
    expect(report).not.toHaveProperty('snr');
    expect(report.peers).toEqual([]);
    expect(asked.map(({ maximumWords }) => maximumWords)).toEqual([1, 1, 1, undefined, undefined]);
  });

  test('hears strings as second utterances of streams, and counts the words of these alone', async () => {
    const { model, asked } = fake([['one', 'two', 'oh'], ['two']]);
    const report = await evaluate({ model, set: 'synthetic', grammar: 'digits', second: true, folders: folders() });
    expect(report).not.toHaveProperty('isolated');
    expect(report.connected).toMatchObject({ errors: 1, total: 5, deletions: 1 });
    expect(report).toMatchObject({ second: true });
    expect(asked.length).toBe(2);
  });

  test('hears speech played faster, and says so', async () => {
    const { model } = fake([['one']]);
    const report = await evaluate({ model, set: 'synthetic', peer: false, speed: 1.25, folders: folders() });
    expect(report).toMatchObject({ speed: 1.25 });
    const refused = evaluate({ model, set: 'synthetic', peer: false, speed: 0, folders: folders() });
    await expect(refused).rejects.toMatchObject({ code: 'evaluation/bad-speed' });
  });

  test('leaves out what the grammar cannot say, and writes words as the grammar does', async () => {
    const everything = [['one'], ['two'], ['o'], ['x'], ['one', 'two', 'o'], ['two', 'two'], ['one', 'x']];
    const { model } = fake(everything);
    const report = await evaluate({ model, set: 'synthetic', peer: false, folders: folders() });
    expect(report.isolated).toMatchObject({ errors: 0, total: 4 });
    expect(report.connected).toMatchObject({ errors: 0, total: 7 });
    const onlyX = await evaluate({ model, set: 'synthetic', grammar: ['x'], peer: false, folders: folders() });
    expect(onlyX.isolated?.total).toBe(1);
    expect(onlyX).not.toHaveProperty('connected');
  });

  test('refuses a grammar of which the set has no word', async () => {
    const { model } = fake([['one']]);
    const withoutItems = { ...model, vocabulary: { ...VOCABULARY, labels: ['1', '2', 'o', 'x', 'y'] } };
    const refused = evaluate({
      model: withoutItems,
      set: 'synthetic',
      grammar: ['y'],
      peer: false,
      folders: folders(),
    });
    await expect(refused).rejects.toMatchObject({ code: 'evaluation/no-items' });
  });

  test('tells whether alignments walk forward', async () => {
    const alignment = [Float32Array.of(0.8, 0.2, 0), Float32Array.of(0.1, 0.3, 0.6), Float32Array.of(0, 0.9, 0.1)];
    const { model } = fake([['one']], alignment);
    const report = await evaluate({ model, set: 'synthetic', grammar: 'digits', peer: false, folders: folders() });
    expect(report.alignment?.steps).toBe(4);
    expect(report.alignment?.forward).toBe(2);
    expect(report.alignment?.meanPeak).toBeCloseTo((0.8 + 0.6 + 0.9) / 3, 5);
  });

  test('says why the peer was left out', async () => {
    const { model } = fake([['one']]);
    const report = await evaluate({ model, set: 'synthetic', grammar: 'digits', folders: folders() });
    expect(report.peers[0]).toMatchObject({ skipped: expect.stringContaining('pocketsphinx-testdata') as string });
  });

  test('names the command that fetches missing voices', async () => {
    const { model } = fake([['one']]);
    await expect(evaluate({ model, set: 'human-dev', folders: folders() })).rejects.toThrow('npm run data:speech');
  });

  test('stops when told to', async () => {
    const { model, asked } = fake([['one']]);
    const controller = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 2) controller.abort();
    };
    const stopped = evaluate({
      model,
      set: 'synthetic',
      peer: false,
      folders: folders(),
      signal: controller.signal,
      onProgress,
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(asked.length).toBe(2);
  });
});

describe('evaluateGrid', () => {
  test('reports every condition with every decoder, and its progress', async () => {
    const { model, asked } = fake([['one']]);
    const progress: number[] = [];
    const reports = await evaluateGrid({
      model,
      set: 'synthetic',
      grammar: 'digits',
      peer: false,
      folders: folders(),
      conditions: [CLEAN, { noise: 'white', snr: 10 }],
      decoders: ['ctc', 'attention', 'joint'],
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(reports.map(({ noise, snr, decoder }) => `${noise} ${snr} ${decoder}`)).toEqual([
      'clean undefined ctc',
      'clean undefined attention',
      'clean undefined joint',
      'white 10 ctc',
      'white 10 attention',
      'white 10 joint',
    ]);
    expect(asked.length).toBe(30);
    expect(progress).toEqual(Array.from({ length: 30 }, (_, index) => (index + 1) / 30));
  });
});

import { describe, expect, test } from 'vitest';
import fc from 'fast-check';

import { createBackgrounds } from '../../models/codes-en/backgrounds.ts';
import { RECALL_SPEECH_CONFIG, UPPER_CONFIG } from '../../models/recall-speech/config.ts';
import { RECALL_SETS, RECALL_SPEECH } from '../../models/recall-speech/evaluation.ts';
import { recallExample, trainingExamples } from '../../models/recall-speech/examples.ts';
import { needle, type NeedleBank, saying } from '../../models/recall-speech/needle.ts';
import { saidAgain } from '../../models/recall-speech/said-again.ts';
import { createSpeech, PIECES } from '../../models/recall-speech/speech.ts';
import type { Piece, Pool } from '../../models/recall-speech/vectors.ts';
import { ASK, CODE_LENGTH, DIGITS, KEEP } from '../../models/recall-speech/words.ts';
import { isRowOf, savedRows } from '../../models/row-evaluation.ts';
import { tenth } from '../../models/recall-speech/tenth.ts';
import { randomFor } from '../../corpora/draw.ts';
import type { Utterance } from '../../corpora/utterance-bank.ts';
import { stackedWeights } from '../../src/encoder/stacked-encoder.ts';
import { initModel } from '../../src/model/forward.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { Random } from '../../src/tensor/random.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';

const DEPTH = 192;
const { labels: LABELS } = RECALL_SPEECH_CONFIG.vocabulary!;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** A piece whose vectors all hold its number. */
function piece(labels: readonly string[], number: number, vectors: number): Piece {
  return { labels, vectors: new Float32Array(vectors * DEPTH).fill(number) };
}

const POOL: Pool = {
  code: Array.from({ length: 8 }, (_, index) => piece([KEEP, ...Array.from(`${1230 + (index >> 1)}`)], index, 5)),
  question: [piece([ASK], 50, 2)],
  words: [piece(['7', 'b'], 60, 4), piece(['3'], 61, 3)],
  background: [piece([], 70, 6)],
};

function idsOf(ids: string | readonly number[] | undefined): number[] {
  return Array.from(ids ?? [], Number);
}

describe('a training sequence of recall-speech', () => {
  test('is to be written as the digits behind the mark, or as nothing where nothing was marked', () => {
    const seen = new Set<number>();
    fc.assert(
      fc.property(seeds, fc.integer({ min: 10, max: 80 }), (seed, length) => {
        const { input, output, spelled } = recallExample(POOL, length, Random.seeded(seed));
        const words = idsOf(spelled).map((id) => LABELS[id]!);
        const marks = words.flatMap((word, index) => (word === KEEP ? [index] : []));
        seen.add(marks.length);
        expect(marks.length).toBeLessThanOrEqual(2);
        for (const mark of marks) {
          const digits = words.slice(mark + 1, mark + 1 + CODE_LENGTH);
          expect(idsOf(output).map((id) => LABELS[id])).toEqual(digits);
        }
        expect(idsOf(output)).toHaveLength(marks.length === 0 ? 0 : CODE_LENGTH);
        expect(idsOf(input).length / DEPTH).toBeGreaterThanOrEqual(length);
      }),
      { numRuns: 200 },
    );
    expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  test('is a batch of which CTC learns all words, and the decoder the code alone', () => {
    const example = recallExample(POOL, 40, Random.seeded(3));
    const [batch] = sequenceBatches([example], UPPER_CONFIG, { batchSize: 1 }, Random.seeded(1));
    const plusOne = (ids: string | readonly number[] | undefined): number[] => idsOf(ids).map((id) => id + 1);
    expect(Array.from(batch!.targets[0]!)).toEqual(plusOne(example.output));
    expect(Array.from(batch!.spelled![0]!)).toEqual(plusOne(example.spelled));
    expect(batch!.spelled![0]!.length).toBeGreaterThan(batch!.targets[0]!.length);
  });

  test('says a code that it says twice in two recordings', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { input, spelled } = recallExample(POOL, 40, Random.seeded(seed));
        const marks = idsOf(spelled).filter((id) => LABELS[id] === KEEP).length;
        const codes = new Set(idsOf(input).filter((number) => number < POOL.code.length));
        expect(codes.size).toBe(marks);
      }),
      { numRuns: 100 },
    );
  });

  test('is the same for the same shard, and short at first', () => {
    const drawn = (shard: number, progress: number) =>
      trainingExamples(POOL, { shard, count: 2, size: 3, progress, seed: 4 });
    expect(drawn(5, 0.5)).toEqual(drawn(5, 0.5));
    const longest = (progress: number): number =>
      Math.max(...[0, 1, 2, 3].flatMap((shard) => drawn(shard, progress).map(({ input }) => input.length / DEPTH)));
    expect(longest(0)).toBeLessThan(200);
    expect(longest(1)).toBeGreaterThan(2_000);
  });

  test('stands in a batch with others of like length, fewer where they are long', () => {
    const examples = trainingExamples(POOL, { shard: 0, count: 4, size: 16, progress: 1, seed: 4 });
    const lengths = (name: 'least' | 'most') => (batch: { readonly lengths: readonly number[] }) =>
      name === 'least' ? Math.min(...batch.lengths) : Math.max(...batch.lengths);
    const batches = sequenceBatches(examples, UPPER_CONFIG, { batchSize: 16 }, Random.seeded(1));
    expect(batches.map((batch) => batch.lengths.length).toSorted((a, b) => a - b)).toEqual([5, 16, 16, 16]);
    const long = batches.filter((batch) => lengths('most')(batch) > 1_000);
    expect(long.map((batch) => batch.lengths.length)).toEqual([5]);
    expect(long.every((batch) => lengths('least')(batch) >= 2_400)).toBe(true);
  });
});

/** Voices that say all words, some of them slowly. */
function utterance(voice: string, labels: readonly string[], seconds: number): Utterance {
  const samples = Int16Array.from({ length: seconds * 16_000 }, (_, n) => 9_000 * Math.sin(n / 7));
  return { voice, source: 'recordings', split: 'train', labels, samples };
}
const UTTERANCES: Utterance[] = ['quick', 'slow'].flatMap((voice) => [
  ...[...DIGITS, KEEP, ASK, 'b'].map((label) => utterance(voice, [label], voice === 'slow' ? 2.5 : 0.4)),
  utterance(voice, ['1', '2', '3', '4'], voice === 'slow' ? 11 : 2),
]);

describe('a piece of a stream', () => {
  const recordings = [new Float32Array(400_000).fill(0.02)];
  const draw = createSpeech({
    utterances: UTTERANCES,
    backgrounds: createBackgrounds({ music: recordings, babble: recordings }),
    talkers: [new Float32Array(400_000).fill(0.1)],
  });

  test('fits into a recording of 16 seconds however slowly it is said and in whatever noise', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...PIECES), (seed, kind) => {
        const { samples } = draw(kind, randomFor(seed));
        expect(samples.length).toBeLessThanOrEqual(16 * 16_000);
        expect(samples.every((sample) => Number.isFinite(sample))).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  test('that is a code is the same code where the same is said, in another recording', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [first, second] = [1, 2].map((time) => draw('code', randomFor(seed, time), randomFor(seed)));
        expect(first!.labels[0]).toBe(KEEP);
        expect(first!.labels).toHaveLength(1 + CODE_LENGTH);
        expect(second!.labels).toEqual(first!.labels);
        expect(second!.samples).not.toEqual(first!.samples);
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

/** People whose words are told apart by their samples' value. */
const BANK: NeedleBank = {
  clips: ['Ann', 'Bob'].flatMap((speaker, who) => [
    ...DIGITS.map((label, index) => clip(speaker, 'digit', label, 0.1 + 0.1 * who + 0.001 * index)),
    ...[KEEP, ASK, 'b'].map((label, index) => clip(speaker, 'letter', label, 0.3 + 0.1 * who + 0.001 * index)),
  ]),
  narrators: [new Float32Array(30_000).fill(0.05)],
  noise: { music: [new Float32Array(400_000).fill(0.02)], babble: [new Float32Array(400_000).fill(0.03)] },
};

function clip(speaker: string, kind: 'digit' | 'letter', label: string, value: number) {
  return { speaker, kind, label, samples: new Float32Array(2_000).fill(value) };
}

function lengthOf(samples: Iterable<Float32Array>): number {
  return [...samples].reduce((sum, { length }) => sum + length, 0);
}

describe('the needle', () => {
  test('is the same code at every distance and in every condition, and longer by what lies between', () => {
    for (const index of [0, 1, 2]) {
      const near = needle(BANK, { index, vectors: 0, condition: 'clean' });
      const far = needle(BANK, { index, vectors: 500, condition: 'babble-10' });
      expect(far.code).toEqual(near.code);
      expect(lengthOf(far.samples) - lengthOf(near.samples)).toBe(500 * 0.04 * 16_000);
    }
  });

  test('is said by one of its people, the mark first', () => {
    for (const index of [0, 1]) {
      const { code, mark, digits, question } = saying(BANK, index, randomFor(1, index));
      expect(code).toHaveLength(CODE_LENGTH);
      expect(digits.map((digit) => digit[0]!.toFixed(3))).toEqual(
        code.map((label) => (0.1 + 0.1 * index + 0.001 * Number(label)).toFixed(3)),
      );
      expect(mark[0]).toBeCloseTo(0.3 + 0.1 * index, 5);
      expect(question[0]).toBeCloseTo(0.301 + 0.1 * index, 5);
    }
  });

  test('has neither mark nor question between its code and its question', () => {
    const { samples } = needle(BANK, { index: 0, vectors: 3_000, condition: 'clean' });
    const [first, ...between] = [...samples];
    const isIn = (value: number, part: Float32Array): boolean =>
      part.some((sample, n) => Math.abs(sample - value) < 0.0004 && Math.abs((part[n + 9] ?? 9) - value) < 0.0004);
    expect(isIn(0.3, first!)).toBe(true);
    const stretches = concatenate(between.slice(0, -1));
    for (const who of [0, 1]) expect(isIn(0.3 + 0.1 * who, stretches.slice(0, 400_000))).toBe(false);
  });
});

describe('the tenth utterance', () => {
  test('is, to the sample, the same alone and after nine others', () => {
    for (const index of [0, 1, 2]) {
      const [alone, after] = [true, false].map((isAlone) => tenth(BANK, { index, isAlone }));
      expect(after!.labels).toEqual(alone!.labels);
      expect(after!.start).toBeGreaterThan(10 * alone!.start);
      expect(after!.samples.subarray(-alone!.samples.length)).toEqual(alone!.samples);
    }
  });

  test('has no word that marks or asks', () => {
    const labels = Array.from({ length: 20 }, (_, index) => tenth(BANK, { index, isAlone: true }).labels).flat();
    expect(labels).not.toContain(KEEP);
    expect(labels).not.toContain(ASK);
  });
});

describe('what is said again', () => {
  test('is said the second time as where it was not said before', () => {
    const alone = [...saidAgain(BANK, { index: 3, vectors: undefined }).samples];
    const both = [...saidAgain(BANK, { index: 3, vectors: 100 }).samples];
    expect(both.length).toBeGreaterThan(alone.length);
    const [second, again] = [alone.at(-2)!, both.at(-2)!];
    expect(again.length).toBe(second.length);
    const worst = Math.max(...again.map((sample, n) => Math.abs(sample - second[n]!)));
    expect(worst).toBeLessThan(0.02); // but for the noise that every recording has
  });
});

describe('recall-speech', () => {
  test('has the weights of both encoders, and of the rest what was trained', () => {
    const config = parseModelConfig(JSON.parse(JSON.stringify(RECALL_SPEECH_CONFIG)));
    const whole = initModel(config, Random.seeded(1));
    const upper = initModel(parseModelConfig(JSON.parse(JSON.stringify(UPPER_CONFIG))), Random.seeded(1));
    const isEncoder = (name: string): boolean => name.startsWith('encoder.');
    const trained = {
      ...stackedWeights(upper),
      ...Object.fromEntries(Object.entries(upper).filter(([name]) => !isEncoder(name))),
    };
    for (const [name, { shape }] of Object.entries(trained)) expect(whole[name]?.shape).toEqual(shape);
    const others = Object.keys(whole).filter((name) => trained[name] === undefined);
    expect(others.every((name) => isEncoder(name) && !name.startsWith('encoder.above.'))).toBe(true);
  });

  test('has saved rows of its sets alone, each once, of no more codes than were asked', async () => {
    const rows = await savedRows(RECALL_SPEECH);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const isRow = isRowOf(RECALL_SPEECH, row);
      expect(rows.filter(isRow)).toHaveLength(1);
      const sets = RECALL_SETS.map((set) => ({
        ...set,
        exact: 0,
        words: 0,
        wrong: 0,
        bySpeaker: {},
        treeHidden: row.treeHidden,
      }));
      expect(sets.filter(isRow)).toHaveLength(1);
      expect(row.exact).toBeLessThanOrEqual(row.codes);
      expect(Object.values(row.bySpeaker).reduce((sum, count) => sum + count, 0)).toBe(row.exact);
    }
  });
});

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { ablationRows } from '../../models/recall-tokens/ablation-table.ts';
import {
  measureRecall,
  pathLength,
  RECALL_TOKENS,
  type RecallRow,
  stateBytes,
  variantNamed,
} from '../../models/recall-tokens/evaluation.ts';
import {
  keyedExample,
  KEYED_SYMBOLS,
  PAIRS,
  salientExample,
  SALIENT_SYMBOLS,
  TASKS,
  testExamples,
  trainingExamples,
  validationExamples,
} from '../../models/recall-tokens/tasks.ts';
import { trainingFigures } from '../../models/recall-tokens/training-log.ts';
import { configOf, VARIANTS } from '../../models/recall-tokens/variants.ts';
import { savedRows } from '../../models/row-evaluation.ts';
import { loadTokenModel } from '../../src/index.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { memoryArrays } from '../../src/memory/snapshot.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { cut } from '../audio/chunking.ts';
import { tokenStreamConfig } from '../../src/tokens/config.ts';
import { advanceTokens, startTokens } from '../../src/tokens/stream.ts';

beforeAll(() => tf.setBackend('cpu'));

const [KEYS, VALUES, ASK] = [512, 64, 640];
/** Ids as numbers; these tasks have no text. */
function idsOf(input: string | readonly number[]): number[] {
  return Array.from(input, Number);
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('a keyed sequence', () => {
  test('asks for the value behind one of its keys, which stand once each among fillers', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(4, 16, 64), fc.constantFrom(1, 5), (seed, pairs, questions) => {
        const length = 2 * pairs + 2 * questions + (seed % 40);
        const { input, label, labels } = keyedExample({ length, pairs, questions }, Random.seeded(seed));
        const ids = idsOf(input);
        const before = ids.slice(0, length - 2 * questions);
        const keys = before.filter((id) => id < KEYS);
        expect(ids).toHaveLength(length);
        expect(new Set(keys).size).toBe(pairs);
        expect(keys).toHaveLength(pairs);
        expect(before.filter((id) => id >= KEYS && id < KEYS + VALUES)).toHaveLength(pairs);
        expect(before).not.toContain(ASK);
        const asked = questions === 1 ? [label] : labels?.filter((each) => each >= 0);
        for (let question = 0; question < questions; question++) {
          const place = before.length + 2 * question;
          expect(ids[place + 1]).toBe(ASK);
          expect(before[before.indexOf(ids[place]!) + 1]! - KEYS).toBe(asked?.[question]);
          expect(labels?.[place + 1] ?? label).toBe(asked?.[question]);
        }
      }),
    );
  });
});

describe('a salient sequence', () => {
  test('is answered by the items behind its four markers, first to fourth', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 8, max: 90 }), (seed, length) => {
        const { input, output } = salientExample(length, Random.seeded(seed));
        const ids = idsOf(input);
        expect(ids).toHaveLength(length);
        expect(ids.filter((id) => id >= 64).toSorted((a, b) => a - b)).toEqual([64, 65, 66, 67]);
        expect(output).toEqual([64, 65, 66, 67].map((mark) => ids[ids.indexOf(mark) + 1]));
      }),
    );
  });
});

test.each(TASKS)(
  '%s: what training draws is a function of seed and shard, in batches of one length that grow',
  (task) => {
    const drawn = { shard: 3, count: 12, size: 4, seed: 1 };
    const late = trainingExamples(task, { ...drawn, progress: 1 });
    expect(trainingExamples(task, { ...drawn, progress: 1 })).toEqual(late);
    expect(trainingExamples(task, { ...drawn, progress: 1, seed: 2 })).not.toEqual(late);
    const lengths = Array.from({ length: 12 }, (_, batch) =>
      late.slice(4 * batch, 4 * batch + 4).map((e) => e.input.length),
    );
    for (const batch of lengths) expect(new Set(batch).size).toBe(1);
    expect(Math.max(...lengths.flat())).toBe(512);
    const early = trainingExamples(task, { ...drawn, progress: 0 });
    expect(Math.max(...early.map(({ input }) => input.length))).toBeLessThanOrEqual(48);
  },
);

test.each(TASKS)('%s: no sequence that is measured was one for choices', (task) => {
  const chosen = new Set(validationExamples(task).map(({ input }) => idsOf(input).join()));
  const pairs = task === 'keyed' ? PAIRS : [undefined];
  for (const each of pairs) {
    const shape = { length: 512, count: 20, ...(each === undefined ? {} : { pairs: each }) };
    const measured = testExamples(task, shape).map(({ input }) => idsOf(input).join());
    expect(new Set(measured).size).toBe(20);
    expect(measured.filter((input) => chosen.has(input))).toEqual([]);
    expect(testExamples(task, { ...shape, first: 5, count: 3 }).map(({ input }) => idsOf(input).join())).toEqual(
      measured.slice(5, 8),
    );
  }
});

describe.each(TASKS)('of %s', (task) => {
  test.each(VARIANTS)('%s is a model of parts', (variant) => {
    const config = configOf(task, variant);
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(variantNamed(config.name)).toBe(variant);
    expect(config.source).toMatchObject({ symbols: { count: task === 'keyed' ? KEYED_SYMBOLS : SALIENT_SYMBOLS } });
  });
});

test.each(['hierarchical', 'window', 'gru'] as const)(
  'the bytes of state of %s are those that a stream holds',
  async (variant) => {
    const config = configOf('keyed', variant);
    const engine = {
      config: tokenStreamConfig(config),
      executor: createTfjsExecutor(cellsOf(config), initModel(config, Random.seeded(1))),
      fingerprint: variant,
    };
    const [outcome] = await advanceTokens(
      engine,
      [startTokens(engine)],
      [Int32Array.from({ length: 90 }, (_, t) => t)],
    );
    if (outcome === undefined || 'error' in outcome) throw new Error('Expected a state, got none');
    const arrays = [
      ...Object.values(outcome.state.encoder ?? {}),
      ...Object.values(memoryArrays(engine.config.memory, outcome.state.memory)),
    ];
    expect(stateBytes(config, 90)).toBe(arrays.reduce((sum, { data }) => sum + data.byteLength, 0));
  },
);

test('the model that is kept answers in a stream, cut anywhere, with 64 pairs behind it', async () => {
  await using model = await loadTokenModel('models/recall-tokens');
  for (const [index, { input, label }] of testExamples('keyed', { length: 1_500, count: 3, pairs: 64 }).entries()) {
    const ids = Int32Array.from(idsOf(input));
    const pieces = cut(ids, [0.1 + 0.2 * index, 0.5, 0.999]);
    let answer = -1;
    for await (const { logProbabilities } of model.encode(pieces)) {
      const last = logProbabilities.subarray(-model.labelCount);
      answer = last.indexOf(Math.max(...last));
    }
    expect(answer).toBe(label);
  }
});

test('of the models that are kept every row says what their evaluation would', async () => {
  const rows = (await savedRows(RECALL_TOKENS)).filter(({ model }) => model === 'hierarchical');
  expect(new Set(rows.map(({ task }) => task))).toEqual(new Set(TASKS));
  for (const { task, n, stateBytes: bytes, pathLength: path } of rows) {
    const config = configOf(task, 'hierarchical');
    expect({ bytes, path }).toEqual({ bytes: stateBytes(config, n), path: pathLength(config, n) });
  }
});

test('the path is a summary a level and the read; of a recurrent encoder every step', () => {
  const [tree, gru] = [configOf('keyed', 'hierarchical'), configOf('keyed', 'gru')];
  expect([47, 48, 65_536, 1_048_576].map((n) => pathLength(tree, n))).toEqual([1, 2, 7, 9]);
  expect(pathLength(gru, 512)).toBe(512);
});

test('accuracy is the share of sequences that are answered rightly', async () => {
  const config = configOf('keyed', 'window');
  const weights = tensorsOf(initModel(config, Random.seeded(1)));
  weights['answers.kernel'] = tf.zeros([32, 64]); // says 0 whatever is asked
  const shape = { length: 40, count: 150, pairs: 4 };
  const zeros = testExamples('keyed', shape).filter(({ label }) => label === 0).length;
  const told: number[] = [];
  const { accuracy, trials } = await measureRecall(weights, config, 'keyed', shape, (done) => told.push(done));
  expect({ right: Math.round(accuracy * 150), trials }).toEqual({ right: zeros, trials: 150 });
  expect(zeros).toBeGreaterThan(0);
  expect(told.at(-1)).toBe(150);
});

describe('the table of ablations', () => {
  const row = (given: Partial<RecallRow>): RecallRow => ({
    task: 'keyed',
    model: 'gru',
    pairs: 4,
    n: 512,
    accuracy: 0.5,
    trials: 200,
    stateBytes: 904,
    pathLength: 512,
    seed: 1,
    rate: 0.004,
    parameters: 40_912,
    ...given,
  });

  test('has one row a model, with its cost and what it gives back at each number of pairs', () => {
    const figures = { loss: 2.3456, solvedAfter: null };
    const rows = [64, 4, 16].flatMap((pairs) => [
      row({ pairs, accuracy: pairs / 100, ...figures }),
      row({ pairs, n: 65_536, accuracy: 0, stateBytes: 1_000, ...figures }),
    ]);
    const salient = row({ task: 'salient', model: 'literal', n: 100_000, accuracy: 1, stateBytes: 201_352 });
    const { pairs: _, ...unpaired } = salient;
    expect(ablationRows([unpaired, ...rows])).toEqual([
      [
        'keyed',
        'gru',
        '1',
        '0.004',
        '40912',
        '1,000',
        '2.35',
        'never',
        '4.0 / 16.0 / 64.0',
        '4.0 / 16.0 / 64.0 (at 512)',
        '0.0 / 0.0 / 0.0',
      ],
      [
        'salient',
        'literal',
        '1',
        '0.004',
        '40912',
        '201,352',
        'not recorded',
        'not recorded',
        ...Array.from({ length: 3 }, () => '100.0 (at 100,000)'),
      ],
    ]);
  });

  test('tells from the log of a training its last loss, and when it was solved', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearken-recall-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    expect(await trainingFigures(folder)).toEqual({});
    const log = [
      { step: 500, loss: 4 },
      { step: 500, validation: { error: 0.02, loss: 2 } },
      { step: 1_000, validation: { error: 0.01, loss: 1 } },
      { step: 1_500, validation: { error: 0, loss: 0.5 } },
    ];
    const write = (lines: readonly object[]): Promise<void> =>
      writeFile(join(folder, 'log.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await write(log);
    expect(await trainingFigures(folder)).toEqual({ loss: 0.5, solvedAfter: 1_000 });
    await write(log.slice(0, 2));
    expect(await trainingFigures(folder)).toEqual({ loss: 2, solvedAfter: null });
  });
});

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { forward, type ForwardOutputs, initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { SEQUENCE_CONFIG } from './sequence-config.ts';

const LENGTHS = [7, 4, 1];
const T = 7;
const ENCODERS: EncoderConfig[] = [
  { kind: 'none' },
  { kind: 'pair', units: 8 },
  { kind: 'lstm', units: 8, layers: 2 },
  { kind: 'gru', units: 8, layers: 2 },
  { kind: 'lstm', units: 8, layers: 2, direction: 'both' },
  { kind: 'gru', units: 8, layers: 1, direction: 'both' },
  { kind: 'convolution', units: 8, layers: 2, kernel: 3 },
  { kind: 'dilated', units: 8, kernel: 2, dilations: [1, 2] },
  { kind: 'self-attention', units: 8, layers: 2, heads: 2, window: 3 },
  { kind: 'self-attention', units: 8, layers: 1, heads: 2, direction: 'both' },
];
const MEMORIES: MemoryKindConfig[] = [
  { kind: 'last' },
  { kind: 'window', window: 3, heads: 2 },
  { kind: 'full', heads: 2 },
  {
    kind: 'hierarchical',
    depth: 8,
    heads: 2,
    window: 2,
    leafFanIn: 2,
    fanIn: 2,
    slots: 1,
    tokenCountBias: true,
    summary: 'attention',
  },
  {
    kind: 'hierarchical',
    depth: 8,
    heads: 2,
    window: 2,
    leafFanIn: 2,
    fanIn: 2,
    slots: 2,
    tokenCountBias: false,
    summary: 'mean',
  },
];

beforeAll(() => tf.setBackend('cpu'));

function ids(rows: readonly (readonly number[])[]): tf.Tensor2D {
  return tf.tensor2d(
    rows.map((row) => Array.from({ length: T }, (_, place) => row[place] ?? 3)),
    [rows.length, T],
    'int32',
  );
}

const ROWS = [[0, 1, 2, 3, 2, 1, 0], [3, 3, 1, 0], [2]];

/** A model whose CTC head reads at every vector, and which has a decoder. */
function modelOf(encoder: EncoderConfig, memory: MemoryKindConfig): ModelConfig {
  const config = { ...SEQUENCE_CONFIG, encoder, memory };
  const isNone = encoder.kind === 'none';
  const source = { kind: 'tokens' as const, symbols: { unit: 'id' as const, count: 4 }, embedding: isNone ? 8 : 6 };
  return { ...config, source, heads: { ...config.heads, ctc: { symbols: { unit: 'id', count: 3 } } } };
}

/** What a decoder sees of row `row`: entries that are not hidden. */
async function seen({ entries, bias }: ForwardOutputs, row: number): Promise<number[][]> {
  const [all, hidden] = [await entries.array(), await bias.array()];
  return (all[row] ?? []).filter((_, index) => (hidden[row]?.[index] ?? 0) > -1e8);
}

describe.each(ENCODERS)('encoder $kind, $direction', (encoder) => {
  test.each(MEMORIES)(
    'over memory $kind $summary, a row is what it is alone, whatever stands behind its end',
    async (memory) => {
      const config = modelOf(encoder, memory);
      const weights = tensorsOf(initModel(config, Random.seeded(3)));
      const together = forward(weights, config, { inputs: ids(ROWS), lengths: LENGTHS });
      for (const [row, length] of LENGTHS.entries()) {
        const inputs = tf.tensor2d([ROWS[row] ?? []], [1, length], 'int32');
        const alone = forward(weights, config, { inputs, lengths: [length] });
        const [many, one] = [await seen(together, row), await seen(alone, 0)];
        expect(many).toHaveLength(one.length);
        const finals = [(await together.final.array())[row] ?? [], (await alone.final.array())[0] ?? []];
        const reads = [
          ((await together.reads?.array())?.[row] ?? []).slice(0, length),
          (await alone.reads?.array())?.[0] ?? [],
        ];
        for (const [a, b] of [[many.flat(), one.flat()], finals, [reads[0]?.flat() ?? [], reads[1]?.flat() ?? []]]) {
          expect(a).toEqual(b?.map((value) => expect.closeTo(value, 5)));
          expect(a?.length).toBeGreaterThan(0);
        }
      }
    },
  );
});

test('what is remembered: the newest vector, the newest ones, all of them', async () => {
  const weights = tensorsOf(
    initModel(modelOf({ kind: 'pair', units: 8 }, { kind: 'full', heads: 2 }), Random.seeded(3)),
  );
  const run = (memory: MemoryKindConfig) => {
    const config = { ...modelOf({ kind: 'pair', units: 8 }, memory) };
    return forward(weights, config, { inputs: ids(ROWS), lengths: LENGTHS });
  };
  const full = run({ kind: 'full', heads: 2 });
  const vectors = await full.vectors.array();
  for (const [row, length] of LENGTHS.entries()) {
    const all = (vectors[row] ?? []).slice(0, length);
    expect(await seen(full, row)).toEqual(all);
    expect(await seen(run({ kind: 'window', window: 3, heads: 2 }), row)).toEqual(all.slice(-3));
    expect(await seen(run({ kind: 'last' }), row)).toEqual(all.slice(-1));
  }
});

test('a decoder sees nothing of before the start that it is told', async () => {
  const config = modelOf({ kind: 'pair', units: 8 }, { kind: 'full', heads: 2 });
  const weights = tensorsOf(initModel(config, Random.seeded(3)));
  const outputs = forward(weights, config, { inputs: ids(ROWS), lengths: LENGTHS, starts: [5, 1, 0] });
  expect(await Promise.all([0, 1, 2].map(async (row) => (await seen(outputs, row)).length))).toEqual([2, 3, 1]);
});

test('the last state of both ways is the forward half of the last vector and the backward half of the first', async () => {
  const config = modelOf({ kind: 'lstm', units: 8, layers: 1, direction: 'both' }, { kind: 'last' });
  const { vectors, final, entries } = forward(tensorsOf(initModel(config, Random.seeded(3))), config, {
    inputs: ids(ROWS),
    lengths: LENGTHS,
  });
  const [all, last] = [await vectors.array(), await final.array()];
  for (const [row, length] of LENGTHS.entries()) {
    const expected = [...(all[row]?.[length - 1]?.slice(0, 4) ?? []), ...(all[row]?.[0]?.slice(4) ?? [])];
    expect(last[row]).toEqual(expected);
  }
  expect((await entries.array()).map(([entry]) => entry)).toEqual(last);
});

/** The decoder with attention that keeps a state of its own. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import type { AttentionConfig } from '../../src/attention/config.ts';
import { paddingBias } from '../../src/attention/hidden.ts';
import { decoderStates, decodeStep, initDecoder, prepareDecoderMemory } from '../../src/decoder/decoder.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { Random } from '../../src/tensor/random.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';
import { gap, ORDERS, RECURRENT } from './example.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, ENTRIES, DEPTH, UNITS, LABELS] = [2, 5, 4, 6, 3];
const TARGETS = [
  [3, 1, 1],
  [2, 0, 0],
];

const KINDS: readonly AttentionConfig[] = [
  { kind: 'global', score: 'general' },
  { kind: 'local-m', score: 'additive', reach: 2 },
  { kind: 'local-p', score: 'location', reach: 8 },
  { kind: 'monotonic' },
  { kind: 'mocha', score: 'additive', chunk: 2 },
  { kind: 'milk', score: 'scaled-dot' },
];
/** An LSTM that is fed nothing but tokens: it is unrolled over all of them at once, and attends at once where attention keeps no state. */
const UNFED = { cell: 'lstm', inputFeeding: false, firstState: 'zeros' } as const;
const CASES = KINDS.flatMap((attention) => [
  ...ORDERS.map((order) => ({ order, attention, kind: attention.kind, recurrent: RECURRENT, unit: 'fed GRU' })),
  { order: 'luong' as const, attention, kind: attention.kind, recurrent: UNFED, unit: 'unfed LSTM' },
]);

function exampleOf({ order, attention, recurrent }: Pick<(typeof CASES)[number], 'order' | 'attention' | 'recurrent'>) {
  const sizes = { units: UNITS, attentionUnits: 5, embedding: 3, dropout: 0 };
  const config: DecoderConfig = { ...sizes, ...recurrent, order, attention };
  const arrays = initDecoder(config, { depth: DEPTH, labelCount: LABELS }, Random.seeded(1));
  const weights = Object.entries(arrays).map(([name, { shape }], index) => [
    name,
    tf.mul(randomTensor(index + 20, ...shape), 0.6),
  ]);
  return {
    config,
    weights: Object.fromEntries(weights) as Record<string, tf.Tensor>,
    entries: randomTensor(2, BATCH, ENTRIES, DEPTH) as tf.Tensor3D,
    bias: paddingBias([ENTRIES, ENTRIES - 2], ENTRIES),
    targets: tf.tensor2d(TARGETS, [BATCH, 3], 'int32'),
  };
}

/** Stops that are sure, where there are any: hard ones and expected ones are then the same. */
function sure(weights: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const changed = Object.entries(weights).map(([name, tensor]) => {
    if (name.endsWith('.gain')) return [name, tf.tensor1d([1e5])];
    return [name, name.endsWith('.offset') ? tf.tensor1d([5e4]) : tensor];
  });
  return Object.fromEntries(changed) as Record<string, tf.Tensor>;
}

describe.each(CASES)("the decoder in $order's order with $kind attention, $unit", (kind) => {
  test('decodes a step at a time what it learns unrolled', () => {
    const { config, entries, bias, targets, ...example } = exampleOf(kind);
    const weights = sure(example.weights);
    const { logits, alignment } = unrollDecoder(weights, config, { entries, bias, targets });
    const keys = prepareDecoderMemory(weights, config, entries);
    const sizes: Record<string, number> = { B: BATCH, E: ENTRIES };
    let state: Record<string, tf.Tensor> = Object.fromEntries(
      Object.entries(decoderStates(config)).map(([name, { shape }]) => [
        name,
        tf.zeros(shape.map((axis) => (typeof axis === 'number' ? axis : (sizes[axis] ?? 0)))),
      ]),
    );
    const steps = [0, 1, 2, 3].map((step) => {
      const token = tf.tensor1d(
        TARGETS.map((row) => (step === 0 ? 0 : (row[step - 1] ?? 0))),
        'int32',
      );
      const outputs = decodeStep(weights, config, { token, keys, values: entries, bias, state });
      ({ state } = outputs);
      return outputs;
    });
    expect(Object.keys(state)).toEqual(Object.keys(decoderStates(config)));
    const own = tf.stack(
      steps.map(({ logProbabilities }) => logProbabilities),
      1,
    );
    expect(gap(own, tf.logSoftmax(logits))).toBeLessThan(1e-5);
    expect(
      gap(
        tf.stack(
          steps.map((each) => each.alignment),
          1,
        ),
        alignment,
      ),
    ).toBeLessThan(1e-5);
    expect(tf.max(alignment).arraySync()).toBeGreaterThan(0.1); // something was attended to
  });

  test('has the gradient that finite differences give, through several steps', () => {
    const { config, weights, entries, ...example } = exampleOf(kind);
    const loss = ({ entries: moved, ...movedWeights }: Record<string, tf.Tensor>): tf.Scalar => {
      const { logits, alignment } = unrollDecoder(movedWeights, config, { ...example, entries: moved as tf.Tensor3D });
      return mixed(logits, alignment);
    };
    const errors = gradientErrors(loss, { ...weights, entries });
    expect(Object.entries(errors).filter(([, error]) => !(error < 1e-3))).toEqual([]);
  });

  test('is exported', async () => {
    const decoder = { ...EXAMPLE_CONFIG.decoder, order: kind.order, attention: kind.attention, inputFeeding: true };
    const config = { ...EXAMPLE_CONFIG, decoder };
    const weights = initRecognizer(config, Random.seeded(1));
    const cells = cellsOf(config).filter(({ name }) => name.startsWith('decode'));
    for (const cell of cells) expect((await exportCell(cell, weights)).worstDifference).toBeLessThan(1e-5);
  });
});

import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { paddingBias } from '../../src/attention/hidden.ts';
import type { AttentionScoreName } from '../../src/attention/score-name.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { smoothedCrossEntropy } from '../../src/training/cross-entropy.ts';

beforeAll(() => tf.setBackend('cpu'));

type Stored = { readonly shape: number[]; readonly data: number[] };
type Golden = {
  readonly sizes: {
    readonly attentionUnits: number;
    readonly embedding: number;
    readonly entryCounts: readonly number[];
    readonly targets: number[][];
  };
  readonly cases: readonly {
    readonly order: 'bahdanau' | 'luong';
    readonly score: AttentionScoreName;
    readonly units: number;
    readonly weights: Readonly<Record<string, Stored>>;
    readonly entries: Stored;
    readonly logits: Stored;
    readonly alignment: Stored;
    readonly loss: number;
    readonly gradients: Readonly<Record<string, Stored>>;
  }[];
};

const { sizes, cases }: Golden = JSON.parse(readFileSync(new URL('decoder/decoder.json', import.meta.url), 'utf8'));

function largestGap(own: tf.Tensor, stored: Stored): number {
  return tf.max(tf.abs(tf.sub(own, tf.tensor(stored.data, stored.shape)))).arraySync() as number;
}

describe("decoders agree with ones made of PyTorch's modules", () => {
  test.each(cases)('$order order, $score attention', (golden) => {
    const { attentionUnits, embedding } = sizes;
    const { order, score, units } = golden;
    const config: DecoderConfig = {
      order,
      cell: 'gru',
      attention: { kind: 'global', score },
      inputFeeding: true,
      firstState: 'zeros',
      units,
      attentionUnits,
      embedding,
      dropout: 0,
    };
    const given = Object.fromEntries(
      Object.entries({ ...golden.weights, entries: golden.entries }).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data, shape),
      ]),
    );
    const targets = tf.tensor2d(sizes.targets, undefined, 'int32');
    const bias = paddingBias(sizes.entryCounts, golden.entries.shape[1] ?? 0);
    const unroll = ({ entries, ...weights }: Record<string, tf.Tensor>) =>
      unrollDecoder(weights, config, { entries: entries as tf.Tensor3D, bias, targets });
    const { logits, alignment } = unroll(given);
    expect(largestGap(logits, golden.logits)).toBeLessThan(2e-6);
    expect(largestGap(alignment, golden.alignment)).toBeLessThan(1e-6);
    const names = Object.keys(given);
    const { value, grads } = tf.valueAndGrads((...tensors) =>
      smoothedCrossEntropy(unroll(Object.fromEntries(tensors.map((each, i) => [names[i], each]))).logits, targets, 0.1),
    )(Object.values(given));
    expect(value.arraySync()).toBeCloseTo(golden.loss, 6);
    for (const [index, name] of names.entries()) {
      expect(largestGap(grads[index]!, golden.gradients[name]!)).toBeLessThan(1e-6);
    }
  });
});

type Recurrences = {
  readonly sizes: {
    readonly units: number;
    readonly embedding: number;
    readonly entryCounts: readonly number[];
    readonly targets: number[][];
  };
  readonly cases: readonly (Pick<DecoderConfig, 'order' | 'cell' | 'inputFeeding' | 'firstState'> & {
    readonly weights: Readonly<Record<string, Stored>>;
    readonly logits: Stored;
    readonly alignment: Stored;
    readonly loss: number;
    readonly gradients: Readonly<Record<string, Stored>>;
  })[];
};

const recurrences: Recurrences = JSON.parse(readFileSync(new URL('decoder/recurrences.json', import.meta.url), 'utf8'));

describe('decoders agree with the equations written out in NumPy in float64', () => {
  test.each(recurrences.cases)('$order order, $cell, fed $inputFeeding, first state $firstState', (golden) => {
    const { units, embedding, entryCounts, targets: rows } = recurrences.sizes;
    const { order, cell, inputFeeding, firstState } = golden;
    const config: DecoderConfig = {
      order,
      cell,
      attention: { kind: 'global', score: 'general' },
      inputFeeding,
      firstState,
      units,
      attentionUnits: 1,
      embedding,
      dropout: 0,
    };
    const given = Object.fromEntries(
      Object.entries(golden.weights).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
    );
    const targets = tf.tensor2d(rows, undefined, 'int32');
    const bias = paddingBias(entryCounts, given['entries']!.shape[1] ?? 0);
    const unroll = ({ entries, final, ...weights }: Record<string, tf.Tensor>) =>
      unrollDecoder(weights, config, {
        entries: entries as tf.Tensor3D,
        bias,
        targets,
        final: final as tf.Tensor2D | undefined,
      });
    const { logits, alignment } = unroll(given);
    expect(largestGap(logits, golden.logits)).toBeLessThan(2e-6);
    expect(largestGap(alignment, golden.alignment)).toBeLessThan(1e-6);
    const names = Object.keys(given);
    const { value, grads } = tf.valueAndGrads((...tensors) =>
      smoothedCrossEntropy(unroll(Object.fromEntries(tensors.map((each, i) => [names[i], each]))).logits, targets, 0.1),
    )(Object.values(given));
    expect(value.arraySync()).toBeCloseTo(golden.loss, 6);
    for (const [index, name] of names.entries()) {
      expect(largestGap(grads[index]!, golden.gradients[name]!)).toBeLessThan(1e-6);
    }
  });
});

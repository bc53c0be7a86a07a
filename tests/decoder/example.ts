import * as tf from '@tensorflow/tfjs';

import { paddingBias } from '../../src/attention/hidden.ts';
import type { AttentionScoreName } from '../../src/attention/score-name.ts';
import { ATTENTION_SCORES } from '../../src/attention/scores.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import { initDecoder } from '../../src/decoder/decoder.ts';
import { Random } from '../../src/tensor/random.ts';
import { randomTensor } from '../attention/finite-differences.ts';

export const ORDERS = ['bahdanau', 'luong'] as const;
export const SCORES = Object.keys(ATTENTION_SCORES) as AttentionScoreName[];
/** Every order with every score. */
export const KINDS: readonly Pick<DecoderConfig, 'order' | 'score'>[] = ORDERS.flatMap((order) =>
  SCORES.map((score) => ({ order, score })),
);

export const BATCH = 2;
export const ENTRIES = 5;
export const DEPTH = 4;
export const LABELS = 3;

export type DecoderExample = {
  readonly config: DecoderConfig;
  readonly weights: Record<string, tf.Tensor>;
  readonly entries: tf.Tensor3D;
  /** Hides the second row's last two entries. */ readonly bias: tf.Tensor2D;
  /** `[B, 3]`: the second row ends after one. */ readonly targets: tf.Tensor2D;
};

/** A small decoder with every weight random, biases too, so that each of them matters. */
export function decoderExample(kind: Pick<DecoderConfig, 'order' | 'score'>, dropout = 0): DecoderExample {
  const config = {
    ...kind,
    units: kind.score === 'dot' || kind.score === 'cosine' ? DEPTH : 6,
    attentionUnits: 5,
    embedding: 3,
    dropout,
  };
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
    targets: tf.tensor2d(
      [
        [3, 1, 1],
        [2, 0, 0],
      ],
      [BATCH, 3],
      'int32',
    ),
  };
}

/** The largest absolute difference between two tensors of one shape. */
export function gap(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number);
}

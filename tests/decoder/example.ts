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
/** The recurrent part of a decoder as it mostly is. */
export const RECURRENT = { cell: 'gru', inputFeeding: true, firstState: 'zeros' } as const;
/** What examples differ in: a score stands for global attention by it. */
export type DecoderKind = Partial<Pick<DecoderConfig, 'cell' | 'inputFeeding' | 'firstState'>> & {
  readonly order: DecoderConfig['order'];
  readonly score: AttentionScoreName;
};
/** Every order with every score. */
export const KINDS: readonly DecoderKind[] = ORDERS.flatMap((order) => SCORES.map((score) => ({ order, score })));

/** Every order, cell, first state and, in Luong's, feeding. */
export const RECURRENCES: readonly DecoderKind[] = ORDERS.flatMap((order) =>
  (['gru', 'lstm'] as const).flatMap((cell) =>
    (['zeros', 'encoder'] as const).flatMap((firstState) =>
      (order === 'luong' ? [true, false] : [true]).map(
        (inputFeeding): DecoderKind => ({ order, cell, firstState, inputFeeding, score: 'location' }),
      ),
    ),
  ),
);

export const BATCH = 2;
export const ENTRIES = 5;
export const DEPTH = 4;
export const LABELS = 3;
/** Depth of the encoder's last state. */
export const FINAL = 3;

export type DecoderExample = {
  readonly config: DecoderConfig;
  readonly weights: Record<string, tf.Tensor>;
  readonly entries: tf.Tensor3D;
  /** Hides the second row's last two entries. */ readonly bias: tf.Tensor2D;
  /** `[B, FINAL]`, where the first state is made of it. */ readonly final: tf.Tensor2D | undefined;
  /** `[B, 3]`: the second row ends after one. */ readonly targets: tf.Tensor2D;
};

/** A small decoder with every weight random, biases too, so that each of them matters. */
export function decoderExample({ score, ...kind }: DecoderKind, dropout = 0): DecoderExample {
  const config: DecoderConfig = {
    ...RECURRENT,
    ...kind,
    attention: { kind: 'global', score },
    units: score === 'dot' || score === 'cosine' ? DEPTH : 6,
    attentionUnits: 5,
    embedding: 3,
    dropout,
  };
  const arrays = initDecoder(config, { depth: DEPTH, labelCount: LABELS, finalDepth: FINAL }, Random.seeded(1));
  const weights = Object.entries(arrays).map(([name, { shape }], index) => [
    name,
    tf.mul(randomTensor(index + 20, ...shape), 0.6),
  ]);
  return {
    config,
    weights: Object.fromEntries(weights) as Record<string, tf.Tensor>,
    entries: randomTensor(2, BATCH, ENTRIES, DEPTH) as tf.Tensor3D,
    bias: paddingBias([ENTRIES, ENTRIES - 2], ENTRIES),
    final: config.firstState === 'encoder' ? (randomTensor(3, BATCH, FINAL) as tf.Tensor2D) : undefined,
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

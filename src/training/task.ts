import type * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';

/** All that a step's loss may draw on besides weights and batch, so that a resumed run repeats the same losses. */
export type StepContext = {
  /** Number of updates before this one. */ readonly step: number;
  /** Random numbers seeded by the run's seed and the step. */ readonly random: Random;
};

/** The loss of a batch, and the parts of it that are worth a line in the log. */
export type Loss = { readonly total: tf.Scalar; readonly parts: Readonly<Record<string, tf.Scalar>> };

/** Something that the training loop can train. */
export type Task<Batch> = {
  readonly initialWeights: () => HostArrays;
  /** The batches of shard `index` (0, 1, ...): always the same ones, in the same order. */
  readonly batches: (index: number) => Promise<readonly Batch[]>;
  /** Computes the loss of a batch; called inside a tidy, with a tape running. */
  readonly loss: (weights: Weights, batch: Batch, context: StepContext) => Loss;
  /** Figures on held-out data; `error` decides which weights are the best (lower is better). */
  readonly validate: (weights: Weights) => Promise<{ readonly error: number } & Readonly<Record<string, number>>>;
  /** Writes the checkpoint that is shipped, from the averaged weights. */
  readonly save: (
    directory: string,
    weights: HostArrays,
    provenance: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
};

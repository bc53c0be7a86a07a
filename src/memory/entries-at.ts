import * as tf from '@tensorflow/tfjs-core';

import { assertInteger } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { type Entry, entryBias, liveEntries, MASKED } from './entries.ts';

export type EntriesAt = {
  /** `[B, E, D]`: row b holds its live entries oldest first, then copies of some row up to the longest. */
  readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 (with `massBias` the log-mass) on an entry, -1e9 on filling. */
  readonly bias: tf.Tensor2D;
  /** For each sequence which entries these are. */
  readonly live: readonly (readonly Entry[])[];
};

/**
 * The live entries of sequence b after its first `counts[b]` vectors, as the streaming form holds them then: what an
 * attention decoder reads at the end of an utterance. `levels` are those of `buildLevels`.
 */
export function entriesAt(config: MemoryConfig, levels: readonly tf.Tensor3D[], counts: readonly number[]): EntriesAt {
  const [batch, length] = levels[0]?.shape ?? [0, 0];
  assertInteger('counts.length', counts.length, batch, batch);
  for (const [index, count] of counts.entries()) assertInteger(`counts[${index}]`, count, 1, length);

  const live = counts.map((count) => liveEntries(config, count));
  const longest = Math.max(...live.map((entries) => entries.length));
  const firstRows: number[] = []; // of each level among all rows of one sequence
  let total = 0;
  for (const [level, slots] of levels.entries()) {
    firstRows[level] = total;
    total += slots.shape[1];
  }
  const rows = new Int32Array(batch * longest);
  const bias = new Float32Array(batch * longest).fill(MASKED);
  for (const [sequence, entries] of live.entries()) {
    for (const [index, { level, row }] of entries.entries()) {
      rows[sequence * longest + index] = sequence * total + (firstRows[level] ?? 0) + row;
      bias[sequence * longest + index] = entryBias(config, level);
    }
  }
  return tf.tidy(() => {
    const all = tf.reshape(tf.concat([...levels], 1), [batch * total, config.depth]);
    const entries = tf.gather(all, tf.tensor1d(rows, 'int32'));
    return {
      entries: tf.reshape<tf.Rank.R3>(entries, [batch, longest, -1]),
      bias: tf.tensor2d(bias, [batch, longest]),
      live,
    };
  });
}

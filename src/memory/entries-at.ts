import * as tf from '@tensorflow/tfjs-core';

import { assertInteger } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { type Entry, entryBias, liveEntries, MASKED } from './entries.ts';

export type EntriesAt = {
  /** `[B, E, D]`: row b holds its live entries oldest first, then copies of some row up to the longest. */
  readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 (with `massBias` the log-mass) on an entry, -1e9 on filling and on entries of the time before `starts`. */
  readonly bias: tf.Tensor2D;
  /** For each sequence which entries these are. */
  readonly live: readonly (readonly Entry[])[];
};

/**
 * The live entries of sequence b after its first `counts[b]` vectors, as the streaming form holds them then: what an
 * attention decoder reads at the end of an utterance. `levels` are those of `buildLevels`; `starts[b]` is the first vector that
 * may be seen of sequence b, 0 unless told: an entry that stands for vectors on both sides of it is seen.
 */
export function entriesAt(
  config: MemoryConfig,
  levels: readonly tf.Tensor3D[],
  counts: readonly number[],
  starts: readonly number[] = counts.map(() => 0),
): EntriesAt {
  const [batch, length] = levels[0]?.shape ?? [0, 0];
  assertInteger('counts.length', counts.length, batch, batch);
  for (const [index, count] of counts.entries()) assertInteger(`counts[${index}]`, count, 1, length);
  assertInteger('starts.length', starts.length, batch, batch);
  for (const [index, start] of starts.entries()) assertInteger(`starts[${index}]`, start, 0, (counts[index] ?? 1) - 1);

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
    for (const [index, { level, row, span }] of entries.entries()) {
      rows[sequence * longest + index] = sequence * total + (firstRows[level] ?? 0) + row;
      if (span.end > (starts[sequence] ?? 0)) bias[sequence * longest + index] = entryBias(config, level);
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

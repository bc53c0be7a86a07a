/** Which lengths a training sees when: short ones alone at first, where a task's trick is found, then all. */
import { randomFor } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';

// Sets of examples, which never share a seed.
export const TRAINING = 0;
export const VALIDATION = 1;
export const TEST = 2;

export type Curriculum = {
  readonly seed: number;
  /** Lengths, shortest first. */ readonly lengths: readonly number[];
  /** Shards before all lengths are drawn from; they open one after the other, in equal steps. */ readonly shards: number;
  /** Batches of a shard; each is of one length. */ readonly batches: number;
  readonly batchSize: number;
};

/** The length of each batch of shard `index`, each open length alike likely. */
export function lengthsOf({ seed, lengths, shards, batches }: Curriculum, index: number): number[] {
  const random = randomFor(seed, TRAINING, index);
  const open = Math.min(lengths.length, 1 + Math.floor((lengths.length * index) / shards));
  return Array.from({ length: batches }, () => lengths[random.integer(open)]!);
}

/** The examples of shard `index`; `draw` makes one of a length. */
export function shardOf<Example = SequenceExample>(
  curriculum: Curriculum,
  index: number,
  draw: (length: number, random: Random) => Example,
): Example[] {
  const random = randomFor(curriculum.seed, TRAINING, index, 1);
  return lengthsOf(curriculum, index).flatMap((length) =>
    Array.from({ length: curriculum.batchSize }, () => draw(length, random)),
  );
}

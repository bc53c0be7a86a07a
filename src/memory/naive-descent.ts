/** The walk to leaves as one would write it, for one query at a time: `descent.ts` and `streamed-descent.ts` equal it. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { MemoryConfig } from './config.ts';
import { projectEntries, projectQueries } from './read.ts';
import { MASKED } from './state.ts';

/** A vector that left the window, or a node of the tree. */
export type WalkedNode = {
  /** Its keys in reads, `[B][rows][D]`. */ readonly keys: readonly (readonly (readonly number[])[])[];
  /** Of a vector none. */ readonly children: readonly WalkedNode[];
};

/** A node with rows `[B, m, D]`, or a vector with one. */
export function walkedNode(
  weights: Weights,
  config: MemoryConfig,
  rows: tf.Tensor3D,
  children: readonly WalkedNode[],
): WalkedNode {
  // oxlint-disable-next-line no-restricted-properties -- a read with a gradient is synchronous: it cannot await which way it goes
  return { keys: tf.tidy(() => projectEntries(weights, config, rows).keys.arraySync()), children };
}

/**
 * The bias `[B, 1, S]` that uncovers those of `leaves` which `query`, of shape `[B, 1, D]`, finds; `roots` are the live nodes of each level,
 * level 1 first.
 */
export function descendNaively(
  weights: Weights,
  config: MemoryConfig,
  query: tf.Tensor3D,
  roots: readonly (readonly WalkedNode[])[],
  leaves: readonly WalkedNode[],
): tf.Tensor3D {
  const { depth, heads, cold } = config;
  const width = depth / heads;
  const isKept = (node: WalkedNode): boolean => leaves.includes(node) || node.children.some(isKept);
  // oxlint-disable-next-line no-restricted-properties -- as above
  const sought = tf.tidy(() => projectQueries(weights, config, query).arraySync());
  const bias = sought.map(([row = []], sequence) => {
    const byHead = Array.from({ length: heads }, (_, head) => {
      const own = (x: readonly number[]): readonly number[] => x.slice(head * width, (head + 1) * width);
      const score = ({ keys }: WalkedNode): number => {
        const terms = (keys[sequence] ?? []).map((key) =>
          Math.exp(own(key).reduce((sum, value, index) => sum + value * own(row)[index]!, 0)),
        );
        return Math.log(terms.reduce((sum, term) => sum + term, 0));
      };
      const best = (nodes: readonly WalkedNode[], count: number): readonly WalkedNode[] =>
        nodes
          .filter(isKept)
          .map((node) => ({ node, score: score(node) }))
          .toSorted((a, b) => b.score - a.score)
          .slice(0, count)
          .map(({ node }) => node);
      let kept: readonly WalkedNode[] = [];
      for (const live of roots.toReversed()) {
        kept = best([...kept.flatMap(({ children }) => children), ...live], cold?.descent?.beam ?? 0);
      }
      return best(
        kept.flatMap(({ children }) => children),
        cold?.nearest ?? 0,
      );
    });
    const found = new Set(byHead.flat());
    return [leaves.map((leaf) => (found.has(leaf) ? 0 : MASKED))];
  });
  return tf.tensor3d(bias);
}

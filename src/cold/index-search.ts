/** The leaves with the largest inner products, found by an index: navigable small worlds of `usearch`, an optional package. */
import { createRequire } from 'node:module';

import type { LeafLog } from './leaf-log.ts';

/** An index of the keys of each head. It never finds a leaf that is not kept, and most of the nearest that are. */
export type LeafIndex = {
  /** Takes in the leaves of `log` that it lacks, and lets go of those that are kept no longer. */ readonly follow: (
    log: LeafLog,
  ) => void;
  /** Lets go of all leaves from number `count` on. */ readonly truncate: (count: number) => void;
  /** Results as `searchExactly` gives them. */ readonly search: (queries: Float32Array, nearest: number) => number[][];
};

type Sizes = { readonly depth: number; readonly heads: number };
type Usearch = typeof import('usearch');

/** Neighbors of a leaf, leaves looked at to place it, and to find those near to a query: beyond `usearch`'s own choices, which find fewer. */
const EFFORT = { connectivity: 32, expansion_add: 128, expansion_search: 256 };
const ONE_THREAD = 1;

const require = createRequire(import.meta.url);
let usearch: Usearch | false | undefined;

/** An index without leaves, or undefined where `usearch` is not installed. */
export function createLeafIndex(sizes: Sizes): LeafIndex | undefined {
  usearch ??= loadUsearch();
  return usearch === false ? undefined : indexOf(usearch, sizes);
}

function loadUsearch(): Usearch | false {
  try {
    return require('usearch') as Usearch; // its declarations say so
  } catch {
    return false;
  }
}

function indexOf({ Index, MetricKind, ScalarKind }: Usearch, { depth, heads }: Sizes): LeafIndex {
  const width = depth / heads;
  const byHead = Array.from(
    { length: heads },
    () =>
      new Index({ dimensions: width, metric: MetricKind.IP, quantization: ScalarKind.F32, multi: false, ...EFFORT }),
  );
  let [first, count] = [0, 0];
  const remove = (from: number, to: number): void => {
    if (to <= from) return;
    const leaves = BigUint64Array.from({ length: to - from }, (_, offset) => BigInt(from + offset));
    for (const index of byHead) index.remove(leaves);
  };
  return {
    follow: (log) => {
      const isEmpty = count === 0;
      if (isEmpty) first = count = log.first();
      log.eachKeys(Math.max(count, log.first()), log.count(), (keys, number, rows) => {
        const leaves = BigUint64Array.from({ length: rows }, (_, row) => BigInt(number + row));
        for (const [head, index] of byHead.entries()) index.add(leaves, ofHead(keys, rows, head, heads), ONE_THREAD);
      });
      remove(first, Math.min(count, log.first()));
      [first, count] = [log.first(), log.count()];
    },
    truncate: (to) => {
      remove(Math.max(first, to), count);
      count = Math.min(count, to);
    },
    search: (queries, nearest) =>
      Array.from({ length: queries.length / width }, (_, place) => {
        const query = queries.slice(place * width, (place + 1) * width);
        const { keys } = byHead[place % heads]!.search(query, nearest, ONE_THREAD); // heads lie one behind the other
        return Array.from(keys, Number);
      }),
  };
}

/** `[n, D]` to the numbers of one head, `[n, D/H]`. */
function ofHead(keys: Float32Array, rows: number, head: number, heads: number): Float32Array {
  if (heads === 1) return keys;
  const depth = keys.length / rows;
  const width = depth / heads;
  const own = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = row * depth + head * width;
    own.set(keys.subarray(from, from + width), row * width);
  }
  return own;
}

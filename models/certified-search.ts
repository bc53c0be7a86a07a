/**
 * The nearest of a cold store's leaves, found by a walk that is certain: every node knows the least and the greatest number of the keys below it, in each place, and
 * so a product that none of them can exceed. The node or leaf with the largest is looked into first; when K leaves came first, no other can be nearer. It
 * is exact, and how much of the tree it visits is what it is measured for.
 */
import type { ColdStore } from '../src/cold/cold-types.ts';

type Fans = {
  readonly depth: number;
  /** Leaves below a node of level 1. */ readonly leafFanIn: number;
  /** Nodes below a node of a higher level. */ readonly fanIn: number;
};

type Box = { readonly least: Float32Array; readonly greatest: Float32Array };

/** A node, or a leaf of level 0, and a product that nothing below it exceeds. */
type Visit = { readonly level: number; readonly node: number; readonly bound: number };

export type CertifiedSearch = {
  /** `store`, of keys of one head, of which no leaf is ever let go of or taken back, with this search. */ readonly store: ColdStore;
  /** Keys and boxes that were compared with a query since it was asked last. */ readonly visited: () => number;
};

export function certifiedSearch(store: ColdStore, { depth, leafFanIn, fanIn }: Fans): CertifiedSearch {
  let visited = 0;
  const levels: Box[][] = []; // at index l - 1 those of level l
  const sizeOf = (level: number): number => (level === 0 ? 1 : leafFanIn * fanIn ** (level - 1));
  const grow = (count: number): void => {
    for (let level = 1; sizeOf(level) <= count; level++) {
      const boxes = (levels[level - 1] ??= []);
      const fan = level === 1 ? leafFanIn : fanIn;
      while ((boxes.length + 1) * sizeOf(level) <= count) {
        const first = boxes.length * fan;
        boxes.push(
          level === 1 ? boxOf(store.leafKeys(first, fan), depth) : joined(levels[level - 2]!.slice(first, first + fan)),
        );
      }
    }
  };
  const visit = (query: Float32Array, level: number, node: number): Visit => {
    visited++;
    const bound = level === 0 ? product(query, store.leafKeys(node, 1)) : bounded(query, levels[level - 1]![node]!);
    return { level, node, bound };
  };
  const nearestTo = (query: Float32Array, nearest: number, count: number): number[] => {
    const open: Visit[] = [];
    for (let level = levels.length, start = 0; level >= 0; level--) {
      for (const size = sizeOf(level); start + size <= count; start += size)
        open.push(visit(query, level, start / size));
    }
    const found: number[] = [];
    while (found.length < nearest && open.length > 0) {
      const best = open.reduce((most, { bound }, index) => (bound > open[most]!.bound ? index : most), 0);
      const [{ level, node }] = open.splice(best, 1) as [Visit]; // there is one
      if (level === 0) found.push(node);
      const fan = level === 0 ? 0 : level === 1 ? leafFanIn : fanIn;
      for (let child = node * fan; child < (node + 1) * fan; child++) open.push(visit(query, level - 1, child));
    }
    return found.toSorted((a, b) => a - b);
  };
  return {
    store: {
      ...store,
      search: (queries, nearest) => {
        const { count } = store.mark();
        grow(count);
        return Array.from({ length: queries.length / depth }, (_, index) =>
          nearestTo(queries.subarray(index * depth, (index + 1) * depth), nearest, count),
        );
      },
    },
    visited: () => {
      const all = visited;
      visited = 0;
      return all;
    },
  };
}

function boxOf(keys: Float32Array, depth: number): Box {
  const rows = Array.from({ length: keys.length / depth }, (_, row) => keys.subarray(row * depth, (row + 1) * depth));
  return joined(rows.map((row) => ({ least: row, greatest: row })));
}

function joined(boxes: readonly Box[]): Box {
  const least = boxes[0]!.least.slice(); // a node has children
  const greatest = boxes[0]!.greatest.slice();
  for (const box of boxes) {
    for (let place = 0; place < least.length; place++) {
      least[place] = Math.min(least[place]!, box.least[place]!); // all are as wide
      greatest[place] = Math.max(greatest[place]!, box.greatest[place]!);
    }
  }
  return { least, greatest };
}

function product(query: Float32Array, key: Float32Array): number {
  return query.reduce((sum, value, place) => sum + value * key[place]!, 0); // both are as wide
}

/** The largest product of `query` with what lies in a box. */
function bounded(query: Float32Array, { least, greatest }: Box): number {
  return query.reduce((sum, value, place) => sum + Math.max(value * least[place]!, value * greatest[place]!), 0);
}

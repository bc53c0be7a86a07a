/** The walk to leaves in streams: down live roots, which the stream holds, and nodes that were merged away, which its cold store does. See `descent.ts`. */
import type { ColdStore } from '../cold/cold-types.ts';
import type { MemoryConfig } from './config.ts';
import { keptNodes, leavesAt } from './kept-leaves.ts';
import { fanInOf, liveNodes, type Span } from './schedule.ts';
import { copyRows, type MemoryUpdate } from './update.ts';

/** Where a walk goes: rows of a node's or leaf's keys, each of depth D. */
type Tree = {
  /** Live roots of each level from 1. */ readonly roots: readonly Span[];
  /** Nodes of a level, or leaves of level 0, below which leaves are kept, among `children` of one node. */
  readonly keptOf: (level: number, children: Span) => Span;
  /** Of nodes `[n m, D]`, of leaves `[n, D]`. */ readonly keysOf: (level: number, nodes: Span) => Float32Array;
};

/** For each of `asking`, the queries `[n, D]` of the vectors `block`, the numbers of the leaves that one of its heads finds, ascending. */
export function descend(
  config: MemoryConfig,
  update: MemoryUpdate,
  store: ColdStore,
  block: Span,
  asking: Float32Array,
): number[][] {
  const { depth, heads } = config;
  const tree = treeOf(config, update, store, block);
  return Array.from({ length: asking.length / depth }, (_, index) => {
    const query = asking.subarray(index * depth, (index + 1) * depth);
    const found = Array.from({ length: heads }, (__, head) => walk(config, tree, query, head)).flat();
    return [...new Set(found)].toSorted((a, b) => a - b);
  });
}

/** The tree as all vectors of `block` see it, of whose leaves and nodes `store` has those that they do. */
function treeOf(config: MemoryConfig, update: MemoryUpdate, store: ColdStore, block: Span): Tree {
  const { depth, slots } = config;
  const count = block.start + 1;
  const firstLeaf = Math.max(leavesAt(config, count).start, store.first());
  const cache = new Map<string, Float32Array>();
  const nodeKeys = (level: number, node: number): Float32Array => {
    if (node < store.nodeCount(level)) return store.nodeKeys(level, node);
    const keys = new Float32Array(slots * depth);
    copyRows(config, update, 'keys', level, { start: node * slots, end: (node + 1) * slots }, keys);
    return keys;
  };
  const allKeys = (level: number, { start, end }: Span): Float32Array => {
    if (level === 0) return store.leafKeys(start, end - start);
    const keys = new Float32Array((end - start) * slots * depth);
    for (let node = start; node < end; node++) keys.set(nodeKeys(level, node), (node - start) * slots * depth);
    return keys;
  };
  const keptOf = (level: number, { start, end }: Span): Span => keptNodes(config, level, firstLeaf, { start, end });
  const [, ...levels] = liveNodes(config, count);
  return {
    roots: levels.map((span, index) => keptOf(index + 1, span)),
    keptOf,
    keysOf: (level, nodes) => {
      const name = `${level}/${nodes.start}`;
      let keys = cache.get(name); // neighbors often go the same way
      if (keys === undefined) cache.set(name, (keys = allKeys(level, nodes)));
      return keys;
    },
  };
}

type Scored = { readonly node: number; readonly score: number };

/** Leaves that one head of `query` finds. */
function walk(config: MemoryConfig, { roots, keptOf, keysOf }: Tree, query: Float32Array, head: number): number[] {
  const { nearest = 0, descent } = config.cold ?? {};
  const width = config.depth / config.heads;
  const own = query.subarray(head * width, (head + 1) * width);
  const scored = (level: number, nodes: Span): Scored[] => {
    if (nodes.start >= nodes.end) return [];
    const rows = level === 0 ? 1 : config.slots;
    const keys = keysOf(level, nodes);
    return Array.from({ length: nodes.end - nodes.start }, (_, index) => {
      const first = index * rows * config.depth + head * width;
      return { node: nodes.start + index, score: scoreOf(own, keys, first, rows, config.depth) };
    });
  };
  let kept: Scored[] = [];
  for (let level = roots.length; level >= 0; level--) {
    const fanIn = fanInOf(config, level);
    const children = kept.flatMap(({ node }) =>
      scored(level, keptOf(level, { start: node * fanIn, end: (node + 1) * fanIn })),
    );
    const live = level === 0 ? [] : scored(level, roots[level - 1]!); // one for each level
    const most = level === 0 ? nearest : (descent?.beam ?? 0);
    kept = [...children, ...live].toSorted((a, b) => b.score - a.score).slice(0, most);
  }
  return kept.map(({ node }) => node);
}

/** logsumexp of the products of `query` with `rows` rows of `keys`, the first from number `first` on, `depth` apart. */
function scoreOf(query: Float32Array, keys: Float32Array, first: number, rows: number, depth: number): number {
  let [most, sum] = [-Infinity, 0];
  for (let row = 0; row < rows; row++) {
    let product = 0;
    const start = first + row * depth;
    for (let index = 0; index < query.length; index++) product += query[index]! * keys[start + index]!; // both are as wide
    if (product > most) [most, sum] = [product, sum * Math.exp(most - product) + 1];
    else sum += Math.exp(product - most);
  }
  return most + Math.log(sum);
}

/** The leaves with the largest inner products, found by looking at all of them. */
import type { LeafLog } from './leaf-log.ts';

/** The best so far of one query and head: parallel arrays, best first. */
type Best = { readonly scores: Float64Array; readonly leaves: Float64Array; size: number };

/**
 * For each of the queries `[Q, D]` and each of its heads the numbers of the `nearest` leaves; of equal ones the older. Result q H + h belongs to
 * head h of query q.
 */
export function searchExactly(
  log: LeafLog,
  { depth, heads }: { readonly depth: number; readonly heads: number },
  queries: Float32Array,
  nearest: number,
): number[][] {
  const width = depth / heads;
  const found = Array.from(
    { length: (queries.length / depth) * heads },
    (): Best => ({ scores: new Float64Array(nearest), leaves: new Float64Array(nearest), size: 0 }),
  );
  log.eachKeys(log.first(), log.count(), (keys, first, count) => {
    for (const [index, best] of found.entries()) {
      const query = queries.subarray(index * width, (index + 1) * width); // rows of heads lie one behind the other
      const head = (index % heads) * width;
      for (let row = 0; row < count; row++) offer(best, product(query, keys, row * depth + head), first + row);
    }
  });
  return found.map(({ leaves, size }) => Array.from(leaves.subarray(0, size)));
}

function product(query: Float32Array, keys: Float32Array, from: number): number {
  let sum = 0;
  for (let index = 0; index < query.length; index++) sum += query[index]! * keys[from + index]!; // both are as wide
  return sum;
}

/** Puts a leaf among the best where it belongs there. */
function offer(best: Best, score: number, leaf: number): void {
  const { scores, leaves } = best;
  if (best.size === scores.length && !(score > scores[best.size - 1]!)) return;
  let place = Math.min(best.size, scores.length - 1);
  while (place > 0 && score > scores[place - 1]!) {
    scores[place] = scores[place - 1]!; // before it, there is one
    leaves[place] = leaves[place - 1]!;
    place--;
  }
  scores[place] = score;
  leaves[place] = leaf;
  best.size = Math.min(best.size + 1, scores.length);
}

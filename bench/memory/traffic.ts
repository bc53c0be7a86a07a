/**
 * Bytes that must move between memory and processor a vector, computed: every weight of a cell once a call of it, every key and value that is
 * attended to once a call, every row that is merged once. What stays in a cache moves no further than from there; intermediate results
 * are not counted. One stream.
 */
import { liveNodes } from '../../src/memory/schedule.ts';
import { childSlots } from '../../src/memory/summarize.ts';
import { slotsOf } from '../../src/memory/state.ts';
import { HIERARCHICAL } from './sizes.ts';

const { depth, slots, leafFanIn, fanIn, heads } = HIERARCHICAL;
const SQUARE = depth * depth;
/** Weights: query and output map, and the MLP of twice the width. */
const READ_WEIGHTS = 6 * SQUARE + 2 * depth;
/** Weights: queries times keys, values, MLP, and the read's keys and values of the slots. */
const SUMMARY_WEIGHTS = depth * heads * slots + 7 * SQUARE + 2 * depth;
const GRU_WEIGHTS = 6 * SQUARE + 4 * depth;

export type Traffic = { readonly hierarchical: number; readonly full: number; readonly gru: number };

/** Bytes a vector at N vectors of the past and `queries` a call. */
export function traffic(n: number, queries: number): Traffic {
  const entries = liveNodes(HIERARCHICAL, n).reduce(
    (sum, { start, end }, level) => sum + (end - start) * slotsOf(HIERARCHICAL, level),
    0,
  );
  const read = (attended: number): number => (READ_WEIGHTS + 2 * attended * depth) / queries;
  const [leaves, inner] = [1 / leafFanIn, 1 / (leafFanIn * (fanIn - 1))]; // merges a vector
  const rows = leaves * childSlots(HIERARCHICAL, 'leaf') + inner * childSlots(HIERARCHICAL, 'inner');
  const calls = Math.min(1 / queries, leaves) + Math.min(1 / queries, inner); // calls of a cell a vector; a call makes all nodes of a level
  return {
    hierarchical: bytes(read(entries) + calls * SUMMARY_WEIGHTS + rows * depth),
    full: bytes(read(n)),
    gru: bytes(GRU_WEIGHTS / queries),
  };
}

function bytes(numbers: number): number {
  return Math.round(numbers * Float32Array.BYTES_PER_ELEMENT);
}

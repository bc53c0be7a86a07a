import type { MemoryConfig } from './config.ts';
import { entryBias, MASKED, slotsOf } from './entries.ts';
import { arrivals, fanInOf, liveNodes, nodeMass, type Span } from './schedule.ts';

/**
 * How the queries of a whole sequence read one level: b queries at a time, block i seeing rows `[i step - front,
 * i step - front + width)` of the level. What is live moves on by as many nodes a block as pass while b queries do, so
 * one shape serves all blocks, and `bias` hides what a query does not see.
 */
export type Band = {
  /** J: blocks; the last may reach past the sequence. */ readonly blocks: number;
  /** b: queries of a block. */ readonly queries: number;
  /** Rows from one block's first row to the next block's. */ readonly step: number;
  /** Rows that block 0 sees before the level's first row; negative where it skips some. */ readonly front: number;
  /** Rows a block sees, a multiple of `step`. */ readonly width: number;
  /** `[J, b, width]`, to be added to the logits. */ readonly bias: Float32Array;
};

/** The band of every level over `length` vectors, level 0 first. */
export function bandsOf(config: MemoryConfig, length: number): Band[] {
  const live = Array.from({ length }, (_, query) => liveNodes(config, query + 1));
  return arrivals(config, length).map((nodes, level) => {
    const spans = live.map((levels) => levels[level] ?? { start: 0, end: 0 });
    const reserve = level === 0 ? config.window : config.fanIn;
    const nodesPerBlock = Math.ceil((reserve + fanInOf(config, level) - 1) / 2);
    const band = bandOf(spans, nodesPerBlock, nodesPerBlock * nodeMass(config, level));
    const whole = { blocks: 1, queries: length, step: nodes, front: 0, width: nodes };
    const pays = 2 * band.width <= nodes; // else the copies cost what the masked logits would
    return withBias(config, level, spans, pays ? band : whole);
  });
}

type NodeBand = Omit<Band, 'bias'>; // with nodes for rows

/** `spans[i]` are the live nodes at query i; each block of `queries` queries moves on by `step` nodes. */
function bandOf(spans: readonly Span[], step: number, queries: number): NodeBand {
  const blocks = Math.ceil(spans.length / queries);
  let lowest = Infinity;
  let highest = -Infinity;
  for (const [query, { start, end }] of spans.entries()) {
    if (start === end) continue;
    const origin = Math.floor(query / queries) * step;
    lowest = Math.min(lowest, start - origin);
    highest = Math.max(highest, end - origin);
  }
  return { blocks, queries, step, front: -lowest, width: Math.ceil((highest - lowest) / step) * step };
}

/** From nodes to rows, and with the mask. */
function withBias(config: MemoryConfig, level: number, spans: readonly Span[], band: NodeBand): Band {
  const { blocks, queries, step, front, width } = band;
  const slots = slotsOf(config, level);
  const bias = new Float32Array(blocks * queries * width * slots).fill(MASKED);
  for (const [query, { start, end }] of spans.entries()) {
    const shift = front - Math.floor(query / queries) * step;
    const row = query * width;
    bias.fill(entryBias(config, level), (row + start + shift) * slots, (row + end + shift) * slots);
  }
  return { blocks, queries, step: step * slots, front: front * slots, width: width * slots, bias };
}

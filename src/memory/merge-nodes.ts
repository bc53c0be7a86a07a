import type { Executor } from '../runtime/executor.ts';
import { floatsNamed } from '../runtime/rows.ts';
import type { MemoryConfig } from './config.ts';
import { slotsOf } from './entries.ts';
import { copyRows, type Growth } from './growth.ts';
import { arrivals, fanInOf, nodeMass } from './schedule.ts';

/** Nodes that one call makes at most, so that a long chunk does not become one huge batch. */
const NODES_PER_CALL = 256;

type DueNode = { readonly growth: Growth /** Its number on its level. */; readonly node: number };

/** Makes all nodes that are due in any of `growths`: level by level, those of all streams together. */
export async function mergeDueNodes(
  executor: Executor,
  config: MemoryConfig,
  growths: readonly Growth[],
  signal?: AbortSignal,
): Promise<void> {
  const height = Math.max(0, ...growths.map(({ levels }) => levels.length));
  for (let level = 0; level < height; level++) {
    const due = growths.flatMap((growth) => dueNodes(config, growth, level));
    for (let start = 0; start < due.length; start += NODES_PER_CALL) {
      signal?.throwIfAborted();
      await mergeNodes(executor, config, level, due.slice(start, start + NODES_PER_CALL));
    }
  }
}

/** The nodes above `level` that the chunk brings about. */
function dueNodes(config: MemoryConfig, growth: Growth, level: number): DueNode[] {
  const above = growth.levels[level];
  if (above === undefined) return [];
  const next = above.first + above.nodes.length;
  const arrived = arrivals(config, growth.after)[level + 1] ?? 0;
  return Array.from({ length: arrived - next }, (_, offset) => ({ growth, node: next + offset }));
}

/** Makes the nodes `due`, in this order, of rows of `level`. */
async function mergeNodes(
  executor: Executor,
  config: MemoryConfig,
  level: number,
  due: readonly DueNode[],
): Promise<void> {
  const { depth, slots } = config;
  const fanIn = fanInOf(config, level) * slotsOf(config, level); // F: rows a node summarises
  const children = new Float32Array(due.length * fanIn * depth);
  for (const [index, { growth, node }] of due.entries()) {
    const target = children.subarray(index * fanIn * depth, (index + 1) * fanIn * depth);
    copyRows(config, growth, 'vectors', level, { start: node * fanIn, end: (node + 1) * fanIn }, target);
  }
  const mass = new Float32Array(due.length * fanIn).fill(nodeMass(config, level) / slotsOf(config, level));
  const outputs = await executor.run(level === 0 ? 'summariseLeaf' : 'summariseInner', {
    children: { shape: [due.length, fanIn, depth], data: children },
    mass: { shape: [due.length, fanIn], data: mass },
  });
  for (const [index, { growth, node }] of due.entries()) {
    // Copies: a node must not keep the batch it was made in alive.
    const rows = (name: string): Float32Array =>
      floatsNamed(outputs, name).slice(index * slots * depth, (index + 1) * slots * depth);
    growth.levels[level]?.nodes.push({ vectors: rows('slots'), keys: rows('keys'), values: rows('values') });
    const pooling = floatsNamed(outputs, 'pooling').subarray(index * slots * fanIn, (index + 1) * slots * fanIn);
    growth.log?.record(level + 1, node, pooling);
  }
}

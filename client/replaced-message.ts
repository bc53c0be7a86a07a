import type { ServerMessage } from './protocol.ts';

/**
 * Removes from `waiting` what `next`, which comes after it, makes worthless: a picture of the memory replaces the one before, and anything
 * else a partial. So at most one of each waits.
 */
export function removeReplaced(waiting: ServerMessage[], { type }: ServerMessage): void {
  const replaced = type === 'memory' ? 'memory' : 'partial';
  const index = waiting.findIndex((each) => each.type === replaced);
  if (index >= 0) waiting.splice(index, 1);
}

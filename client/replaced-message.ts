import type { ServerMessage } from './protocol.ts';

/**
 * Whether `next` makes `waiting`, which came before it, worthless: a `memory` message replaces the one before, any
 * event a partial.
 */
export function isReplaced(waiting: ServerMessage, next: ServerMessage): boolean {
  return waiting.type === (next.type === 'memory' ? 'memory' : 'partial');
}

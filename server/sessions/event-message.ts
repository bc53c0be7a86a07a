/** What clients are told of the engine's events. */
import type { MemoryMessage, NumberedMessage, PartialMessage } from '../../client/protocol.ts';
import type { AttentionEvent, MemoryEvent, PartialEvent } from '../../src/runtime/event.ts';
import type { StreamEvent } from '../engine/messages.ts';

/** An event that the next one of its kind replaces. */
export type ReplaceableEvent = PartialEvent | MemoryEvent;
/** Attention to the vector is for recordings, not for streams that may never end. */
export type SettledEvent = Exclude<StreamEvent, ReplaceableEvent | AttentionEvent>;

/** Digits after the point that a share of attention is told with. */
const SHARE_DIGITS = 5;

export function replaceableMessage(event: ReplaceableEvent): PartialMessage | MemoryMessage {
  if (event.type === 'partial') return { type: 'partial', text: event.text, words: event.words };
  const roots = event.roots.map((root) => ({ ...root, shares: sharesOf(root.shares) }));
  return { type: 'memory', time: event.time, roots };
}

export function numberedMessage(event: SettledEvent, offset: number): NumberedMessage {
  if (event.type !== 'binned-attention') return { ...event, offset };
  const words = event.words.map(({ decoder, ...word }) => ({
    ...word,
    memory: sharesOf(word.memory),
    ...(decoder && { decoder: sharesOf(decoder) }),
  }));
  return { type: 'attention', edges: event.edges, words, offset };
}

function sharesOf(shares: Float32Array): number[] {
  return Array.from(shares, (share) => Math.min(1, Number(share.toFixed(SHARE_DIGITS))));
}

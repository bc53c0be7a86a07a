import { describe, expect, test } from 'vitest';

import { createEventQueue } from '../../client/event-queue.ts';
import type { EventMessage } from '../../client/protocol.ts';

const partial = (text: string): EventMessage => ({ type: 'partial', text, words: [] });
const memory = (time: number): EventMessage => ({ type: 'memory', time, roots: [] });
const endpoint = (offset: number): EventMessage => ({ type: 'endpoint', offset, time: offset, reason: 'silence' });

async function all(events: AsyncIterable<EventMessage>): Promise<EventMessage[]> {
  const seen: EventMessage[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

describe('the queue of events', () => {
  test('keeps every numbered event in order, and of partials only what nothing has replaced', async () => {
    const queue = createEventQueue(() => undefined);
    for (const event of [partial('a'), partial('a b'), endpoint(0), endpoint(1), partial('c'), partial('c d')]) {
      queue.push(event);
    }
    queue.end();
    expect(await all(queue.events)).toEqual([endpoint(0), endpoint(1), partial('c d')]);
  });

  test('keeps the latest picture of the memory and the latest partial, whatever their order', async () => {
    const queue = createEventQueue(() => undefined);
    for (const event of [memory(1), partial('a'), memory(2), partial('a b'), memory(3)]) queue.push(event);
    for (const event of [endpoint(0), memory(4), partial('c')]) queue.push(event);
    queue.end();
    expect(await all(queue.events)).toEqual([endpoint(0), memory(4), partial('c')]);
  });

  test('gives an event to a reader who waits for it', async () => {
    const queue = createEventQueue(() => undefined);
    const reading = all(queue.events);
    await Promise.resolve();
    queue.push(endpoint(0));
    queue.end();
    expect(await reading).toEqual([endpoint(0)]);
  });

  test('gives what is waiting before it throws why the stream ended', async () => {
    const queue = createEventQueue(() => undefined);
    queue.push(endpoint(0));
    queue.end(new Error('lost'));
    expect(await queue.events.next()).toEqual({ value: endpoint(0), done: false });
    await expect(queue.events.next()).rejects.toThrow('lost');
  });

  test('ends the stream where its reader leaves', async () => {
    let isLeft = false;
    const queue = createEventQueue(() => {
      isLeft = true;
    });
    queue.push(endpoint(0));
    for await (const event of queue.events) {
      expect(event).toEqual(endpoint(0));
      break;
    }
    expect(isLeft).toBe(true);
    expect(await queue.events.next()).toEqual({ value: undefined, done: true });
  });
});

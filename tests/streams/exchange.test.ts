import { NEVER, of, throwError } from 'rxjs';
import { expect, test } from 'vitest';

import { createBoundedQueue, exchange, PullObservable, pull, type TwoWay } from '../../streams/index.ts';
import { collect } from './collect.ts';

/** A connection that sends back what it is sent, with room for one item. */
function echo(): TwoWay<string, string> & { readonly isOver: () => boolean } {
  const queue = createBoundedQueue<string>({ policy: 'block', capacity: 1 });
  let isOver = false;
  const events: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => {
      const items = queue[Symbol.asyncIterator]();
      return {
        next: () => items.next(),
        return: async () => {
          isOver = true;
          queue.close();
          return { done: true, value: undefined };
        },
      };
    },
  };
  return { send: queue.write, close: queue.end, events, isOver: () => isOver };
}

test('what is sent and what comes back go their own ways, to the end of both', async () => {
  const source = new PullObservable(() => ['a', 'b', 'c']);
  expect(await collect(pull(source.pipe(exchange(echo))))).toEqual(['a', 'b', 'c']);
});

test('a reader that stops holds the source back by the room of the connection', async () => {
  let sent = 0;
  const source = new PullObservable(function* () {
    for (; sent < 100; ) {
      sent++;
      yield 'a';
    }
  });
  const answers = pull(source.pipe(exchange(echo)))[Symbol.asyncIterator]();
  await answers.next();
  await expect.poll(() => sent).toBe(3); // the one that was read, one in the queue, one at its door
  await answers.return?.();
  expect(sent).toBe(3);
});

test('a source that breaks off ends the connection, and its error comes after what had come back', async () => {
  const connection = echo();
  const source = throwError(() => new Error('broken'));
  await expect(collect(pull(source.pipe(exchange(() => connection))))).rejects.toThrow('broken');
  expect(connection.isOver()).toBe(true);
});

test('a connection that ends leaves a source that waits for more', async () => {
  let signal: AbortSignal | undefined;
  const source = new PullObservable(async function* (given): AsyncGenerator<string> {
    signal = given;
    yield 'a';
    await new Promise(() => {}); // a terminal at which nobody types
  });
  const connection = echo();
  const answers = exchange(() => connection)(source);
  const heard: string[] = [];
  for await (const answer of pull(answers)) {
    heard.push(answer);
    connection.close();
  }
  expect(heard).toEqual(['a']);
  expect(signal?.aborted).toBe(true);
});

test('whoever leaves, or never asks, ends the connection', async () => {
  const left = echo();
  for await (const answer of pull(of('a', 'b').pipe(exchange(() => left)))) if (answer === 'a') break;
  expect(left.isOver()).toBe(true);
  const unasked = echo();
  const controller = new AbortController();
  pull(NEVER.pipe(exchange(() => unasked)), controller.signal);
  controller.abort();
  expect(unasked.isOver()).toBe(true);
});

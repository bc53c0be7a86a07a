import type { OperatorFunction } from 'rxjs';

import { aFunction } from '../src/arguments.ts';
import { abortable } from '../src/recognizer/abortable.ts';
import { asyncOperator } from './operator.ts';

/** A connection on which items go out and others come back, such as the `ClientStream` of `hearken/client`. */
export type TwoWay<Sent, Received> = {
  /** Resolves when there is room for more. */ readonly send: (item: Sent) => Promise<void>;
  /** Nothing more is sent; what comes back ends in its time. */ readonly close: () => void;
  readonly events: AsyncIterable<Received>;
};

/**
 * Sends what comes over the connection that `connect` opens and gives what comes back, until both have ended. The next item is asked for
 * when there is room for it. Whoever leaves ends the connection; a source that breaks off does, too, and its error is given after all that
 * had come back. Items of a plain Observable wait as those of `recognize` do.
 *
 * @example
 * ```ts
 * import { connect } from 'hearken/client';
 * import { exchange, fileBytes, pull } from 'hearken/streams';
 * import WebSocket from 'ws'; // in browsers, and from Node 22 on, leave it out
 *
 * const options = { encoding: 'mulaw', sampleRate: 8_000, grammar: 'digits', WebSocket } as const;
 * const heard = fileBytes('samples/pin.wav').pipe(exchange(() => connect('ws://127.0.0.1:8080/v1/stream', options)));
 * for await (const event of pull(heard)) if (event.type === 'final') console.log(event.text);
 * // => four seven two nine
 * ```
 */
export function exchange<Sent, Received>(connect: () => TwoWay<Sent, Received>): OperatorFunction<Sent, Received> {
  aFunction('connect', connect);
  return asyncOperator((items, signal) => {
    const connection = connect();
    const received = connection.events[Symbol.asyncIterator]();
    signal.addEventListener('abort', () => void received.return?.(), { once: true }); // also where nobody ever asks
    return exchanged(connection, received, items);
  });
}

async function* exchanged<Sent, Received>(
  connection: TwoWay<Sent, Received>,
  received: AsyncIterator<Received, unknown>,
  items: AsyncIterable<Sent>,
): AsyncGenerator<Received, void, undefined> {
  const over = new AbortController();
  const send = async (): Promise<void> => {
    for await (const item of abortable(items, over.signal)) await connection.send(item);
    connection.close();
  };
  let broken: { readonly error: unknown } | undefined;
  const sending = send().catch((error: unknown) => {
    if (!over.signal.aborted) broken = { error };
    void received.return?.();
  });
  try {
    for (let next = await received.next(); next.done !== true; next = await received.next()) yield next.value;
  } finally {
    over.abort(); // a source that waits for more would keep the process
    void received.return?.();
  }
  await sending;
  if (broken !== undefined) throw broken.error;
}

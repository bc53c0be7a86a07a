import { aFunction, assertOptions, integerIn, wrongType } from '../../src/arguments.ts';
import { HearkenError } from '../../src/errors.ts';
import {
  type BoundedQueue,
  createBoundedQueue,
  type QueueGauge,
  queueFull,
  type SourceValve,
} from '../../src/queue/bounded-queue.ts';
import { PullObservable } from '../pull-observable.ts';

/** A WebSocket as browsers, Node and the package `ws` have it; only that of `ws` can be paused. */
export type MessageSocket = {
  binaryType: string;
  addEventListener(type: 'message' | 'close', listener: (event: SocketEvent) => void): void;
  removeEventListener(type: 'message' | 'close', listener: (event: SocketEvent) => void): void;
  pause?(): void;
  resume?(): void;
};

type SocketEvent = { readonly data?: unknown; readonly code?: number };

export type SocketMessagesOptions = {
  /**
   * Bytes that may wait; a longer message is refused with `queue/item-too-large`. Half of it should hold the longest message
   * and 64 KiB, which a socket of `ws` has read already when it is paused. Default 1 MiB.
   */
  readonly capacityBytes?: number;
  /** Called with the gauge of each subscription's queue, which stays up to date. */
  readonly onGauge?: (gauge: QueueGauge) => void;
};

/** Close codes after which nothing is wrong: normal, going away, none given. */
const ORDERLY_CLOSES: ReadonlySet<unknown> = new Set([1000, 1001, 1005]);

/**
 * The binary messages that `socket` receives, until it is closed; text messages are left to other listeners. From half the
 * capacity on a socket that can pause is paused, and TCP holds the sender back; one that cannot ends with `queue/full`.
 * The socket stays the caller's to close. Its `binaryType` becomes `arraybuffer`.
 *
 * Gives `socket/closed` after any but an orderly close. Throws `option/...`.
 */
export function socketMessages(socket: MessageSocket, options: SocketMessagesOptions = {}): PullObservable<Uint8Array> {
  if (!('addEventListener' in Object(socket))) throw wrongType('socket', 'a WebSocket', socket);
  assertOptions('socketMessages', options, { capacityBytes: integerIn(1), onGauge: aFunction });
  const { capacityBytes = 1 << 20, onGauge } = options;
  return new PullObservable((signal) => {
    const valve = valveOf(socket, capacityBytes);
    const queue = createBoundedQueue<Uint8Array>({ capacity: capacityBytes, policy: 'block', valve });
    onGauge?.(queue.gauge);
    const stop = receive(socket, queue);
    signal.addEventListener('abort', stop, { once: true });
    signal.addEventListener('abort', () => queue.close(), { once: true });
    return queue;
  });
}

/** How the queue pauses the socket; undefined for a socket that cannot pause, which goes on until there is no room. */
function valveOf(socket: MessageSocket, capacityBytes: number): SourceValve {
  return {
    pause: () => socket.pause?.(),
    resume: () => socket.resume?.(),
    pauseAt: capacityBytes / 2,
    resumeAt: (capacityBytes - 1) / 2,
  };
}

/** Writes the socket's messages to the queue until the returned function is called. */
function receive(socket: MessageSocket, queue: BoundedQueue<Uint8Array>): () => void {
  const stop = (): void => {
    socket.removeEventListener('message', onMessage);
    socket.removeEventListener('close', onClose);
    socket.resume?.(); // others may listen to it
  };
  const onMessage = ({ data }: SocketEvent): void => {
    if (!(data instanceof ArrayBuffer)) return;
    try {
      if (!queue.offer(new Uint8Array(data))) throw queueFull(queue.gauge);
    } catch (error) {
      queue.fail(error);
      stop();
    }
  };
  const onClose = ({ code }: SocketEvent): void => {
    if (ORDERLY_CLOSES.has(code)) queue.end();
    else queue.fail(new HearkenError('socket/closed', `Expected the socket to close with code 1000, got ${code}`));
  };
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', onMessage);
  socket.addEventListener('close', onClose);
  return stop;
}

/**
 * A live stream to a hearken server that survives its connection: audio that the server has not made durable is kept
 * and sent again, events carry numbers, so every final arrives exactly once, however often the network or the server dies.
 */
import { createBackoff } from './backoff.ts';
import { type Connection, openConnection } from './connection.ts';
import { createEventQueue } from './event-queue.ts';
import type { AudioEncoding, EventMessage, ServerMessage, StartMessage } from './protocol.ts';
import { BYTES_PER_SAMPLE, createUnackedAudio } from './unacked-audio.ts';
import { platformWebSocket, type WebSocketClass } from './web-socket.ts';

export type ConnectOptions = Omit<StartMessage, 'type'> & {
  /** Default the platform's; Node 20 has none: give it the class of the `ws` package. */
  readonly WebSocket?: WebSocketClass | undefined;
  /** Ends the stream at once with its reason. */ readonly signal?: AbortSignal | undefined;
  /** Told of every change, for a light in a user interface. */
  readonly onState?: ((state: ConnectionState) => void) | undefined;
};

/** `lost` is followed by `open` again, or by the end of the events with an error. */
export type ConnectionState = 'open' | 'lost' | 'closed';

export type ClientStream = {
  /**
   * Sends whole samples in the encoding of the options. Resolves when there is room for more: at most 30 s wait for the
   * server, so whoever awaits it never fills memory. Rejects once the stream has failed.
   */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends the utterance under way at once. */ finalize(): void;
  /** No more audio follows; the events end after the last one. */ close(): void;
  /** What the server hears. The iteration throws where the stream cannot go on. For one reader. */
  readonly events: AsyncIterableIterator<EventMessage>;
};

/** Why a stream ended before its time; `code` is stable. */
export class StreamError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
  }
}

const UNACKED_SECONDS = 30;
const BUFFERED_BYTES = 1 << 18;
const KEEP_ALIVE_MS = 4_000;
const POLL_MS = 20;

/** Opens a stream to `url`, for example `ws://127.0.0.1:8080/v1/stream`. Throws `client/no-web-socket` on a platform without. */
export function connect(url: string, options: ConnectOptions): ClientStream {
  const { WebSocket: given, signal, onState, ...start } = options;
  const WebSocket = given ?? platformWebSocket();
  if (WebSocket === undefined) {
    throw new StreamError(
      'client/no-web-socket',
      'Expected a WebSocket class in the options on this platform, got none',
    );
  }
  return openStream(url, { ...start, WebSocket, signal, onState });
}

function openStream(
  url: string,
  { WebSocket, signal, onState, ...start }: ConnectOptions & { readonly WebSocket: WebSocketClass },
): ClientStream {
  const audio = createUnackedAudio(BYTES_PER_SAMPLE[start.encoding]);
  const backoff = createBackoff(Math.random);
  let connection: Connection | undefined;
  let isReady = false;
  let session: { readonly session: string; readonly epoch: string } | undefined;
  let lastOffset = -1;
  let isClosing = false;
  let failure: Error | undefined;
  let isOver = false;
  let lastSent = Date.now();
  let retry: ReturnType<typeof setTimeout> | undefined;

  const finish = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    failure = error;
    clearInterval(keepAlive);
    clearTimeout(retry);
    connection?.close();
    signal?.removeEventListener('abort', onAbort);
    queue.end(error);
    onState?.('closed');
  };
  const onAbort = (): void =>
    finish(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
  const queue = createEventQueue(() => finish());

  const goOn = (from: number): void => {
    isReady = true;
    backoff.reset();
    onState?.('open');
    for (const { bytes } of audio.from(from)) {
      if (bytes === undefined) connection?.send({ type: 'Finalize' });
      else connection?.sendAudio(Uint8Array.from(bytes));
    }
    if (isClosing) connection?.send({ type: 'CloseStream' });
  };

  const onMessage = (message: ServerMessage): void => {
    switch (message.type) {
      case 'started':
        session = { session: message.session, epoch: message.epoch };
        goOn(0);
        break;
      case 'resumed':
        if (!message.recovered) {
          finish(new StreamError('client/not-recovered', `Expected the session to go on, got ${message.reason}`));
        } else {
          audio.ack(message.ackedSamples);
          goOn(message.ackedSamples);
        }
        break;
      case 'ack':
        audio.ack(message.samples);
        break;
      case 'error':
        failure = new StreamError(message.code, message.message);
        break;
      case 'closed':
        finish();
        break;
      case 'partial':
      case 'memory':
        queue.push(message);
        break;
      case 'final':
      case 'endpoint':
      case 'attention':
        if (message.offset <= lastOffset) break; // sent again after a loss, but it had arrived
        if (message.offset > lastOffset + 1) {
          finish(new StreamError('client/gap', `Expected event ${lastOffset + 1}, got ${message.offset}`));
          break;
        }
        lastOffset = message.offset;
        queue.push(message);
        break;
      default: // a newer server's message that means nothing to this client
    }
  };

  const open = (): void => {
    connection = openConnection(url, WebSocket, {
      onOpen: () => {
        const resume = session && { type: 'resume' as const, ...session, lastEventOffset: lastOffset };
        connection?.send(resume ? { ...resume, firstSample: audio.firstSample() } : { type: 'start', ...start });
      },
      onMessage,
      onClose: ({ code, reason, retry: isWorthIt }) => {
        isReady = false;
        const wait = isWorthIt ? backoff.next() : undefined;
        if (wait === undefined) {
          finish(
            failure ?? new StreamError('client/closed', `Expected the stream to go on, got close ${code} ${reason}`),
          );
          return;
        }
        onState?.('lost');
        retry = setTimeout(open, wait);
      },
    });
  };

  const keepAlive = setInterval(() => {
    if (isReady && Date.now() - lastSent >= KEEP_ALIVE_MS) connection?.send({ type: 'KeepAlive' });
  }, KEEP_ALIVE_MS);

  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  open();

  return {
    send: async (bytes) => {
      assertSendable(bytes, start.encoding, isClosing);
      const copy = Uint8Array.from(bytes);
      audio.push(copy);
      lastSent = Date.now();
      if (isReady) connection?.sendAudio(copy);
      const mustWait = (): boolean =>
        !isOver &&
        (audio.nextSample() - audio.firstSample() > UNACKED_SECONDS * start.sampleRate ||
          (connection?.bufferedBytes() ?? 0) > BUFFERED_BYTES);
      while (mustWait()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (failure !== undefined && isOver) throw failure;
    },
    finalize: () => {
      audio.pushFinalize();
      if (isReady) connection?.send({ type: 'Finalize' });
    },
    close: () => {
      if (isClosing) return;
      isClosing = true;
      if (isReady) connection?.send({ type: 'CloseStream' });
    },
    events: queue.events,
  };
}

function assertSendable(bytes: Uint8Array, encoding: AudioEncoding, isClosing: boolean): void {
  if (isClosing) throw new StreamError('client/closed', 'Expected no audio after close(), got some');
  if (bytes.length % BYTES_PER_SAMPLE[encoding] !== 0) {
    throw new StreamError('client/odd-bytes', `Expected whole ${encoding} samples, got ${bytes.length} bytes`);
  }
}

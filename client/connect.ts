/**
 * A live stream to a hearken server that survives its connection: audio that the server has not made durable is kept
 * and sent again, events carry numbers, so every final arrives exactly once, however often the network or the server dies.
 */
import { createEventQueue } from './event-queue.ts';
import type {
  EventMessage,
  StartAudioMessage,
  StartMessage,
  StartTokensMessage,
  StreamEncoding,
  WarningMessage,
} from './protocol.ts';
import { createSessionState } from './session-state.ts';
import { openSessionLink, type SessionLink, type SessionLinkOptions } from './session-link.ts';
import { StreamError } from './stream-error.ts';
import { BYTES_PER_SAMPLE, createUnackedAudio } from './unacked-audio.ts';
import { platformWebSocket, type WebSocketClass } from './web-socket.ts';

/** Audio in one of its encodings, or tokens as `i32le`. */
export type ConnectOptions = (Omit<StartAudioMessage, 'type'> | Omit<StartTokensMessage, 'type'>) & {
  /**
   * Class that opens connections. Default: the platform's; Node 20 has none, so give it the class of the `ws` package.
   */
  readonly WebSocket?: WebSocketClass | undefined;
  /**
   * Tries in vain to come back, in a row, after which the stream fails: 0 or more, `Infinity` too. Default 5: 12 to 25 s. A first
   * connection that finds another server than hearken's, or none that it may speak to, is not tried again.
   */
  readonly tries?: number | undefined;
  /**
   * Milliseconds, 1,000 to 3,600,000, without a word from the server after which the connection counts as lost, and a handshake
   * as failed; never less than twice the interval in which the server says something (2 s). Default 10,000. A server of an
   * earlier version promises no such interval: there only handshakes are timed.
   */
  readonly lostAfterMs?: number | undefined;
  /** The key, or JSON Web Token, that the server asks for: letters, digits and -._~ */
  readonly apiKey?: string | undefined;
  /** Ends the stream at once with its reason. */ readonly signal?: AbortSignal | undefined;
  /** Told of every change, for a light in a user interface; of a loss with its reason, where that is known. */
  readonly onState?: ((state: ConnectionState, reason?: string) => void) | undefined;
  /** Told of what the server cannot do at present; the stream goes on. */
  readonly onWarning?: ((warning: Pick<WarningMessage, 'code' | 'message'>) => void) | undefined;
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
  /** Says that no more audio follows; the events end after the last one. */ close(): void;
  /** The server's answers, for one reader. The iteration throws where the stream cannot go on. */
  readonly events: AsyncIterableIterator<EventMessage>;
};

const UNACKED_SECONDS = 30;
const UNACKED_TOKENS = 1 << 16;
const BUFFERED_BYTES = 1 << 18;
const POLL_MS = 20;

/**
 * Opens a stream to `url`, for example `ws://127.0.0.1:8080/v1/stream`. Throws `client/no-web-socket` on a platform
 * without, `client/tries` and `client/lost-after` where those are no such numbers, `client/url`.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { connect } from 'hearken/client';
 * import WebSocket from 'ws'; // in browsers, and from Node 22 on, leave it out
 *
 * const audio = { encoding: 's16le', sampleRate: 16_000, grammar: 'digits' } as const;
 * const stream = connect('ws://127.0.0.1:8080/v1/stream', { ...audio, WebSocket });
 * const samples = (await readFile('samples/phone-number.wav')).subarray(44);
 * stream.send(samples).then(() => stream.close(), console.error);
 * for await (const event of stream.events) if (event.type === 'final') console.log(event.text);
 * // => five five five one nine eight zero seven four six
 * ```
 */
export function connect(url: string, options: ConnectOptions): ClientStream {
  const { WebSocket: given, apiKey, signal, onState, onWarning, tries = 5, lostAfterMs = 10_000, ...start } = options;
  const WebSocket = given ?? platformWebSocket();
  if (WebSocket === undefined) {
    throw new StreamError(
      'client/no-web-socket',
      'Expected a WebSocket class in the options on this platform, got none',
    );
  }
  if (!(Number.isInteger(tries) || tries === Infinity) || tries < 0) {
    throw new StreamError('client/tries', `Expected \`tries\` to be a whole number from 0 on, got ${tries}`);
  }
  if (!(lostAfterMs >= 1_000 && lostAfterMs <= 3_600_000)) {
    throw new StreamError(
      'client/lost-after',
      `Expected \`lostAfterMs\` to be a number in 1000..3600000, got ${lostAfterMs}`,
    );
  }
  if (apiKey !== undefined && !/^[\w.~-]+$/.test(apiKey)) {
    throw new StreamError('client/api-key', 'Expected `apiKey` of letters, digits, - . _ and ~, got others in it');
  }
  signal?.throwIfAborted();
  const link = { url, WebSocket, apiKey, tries, lostAfterMs };
  return openStream({ type: 'start', ...start }, link, { signal, onState, onWarning });
}

type Listeners = Pick<ConnectOptions, 'signal' | 'onState' | 'onWarning'>;

type LinkOptions = Omit<SessionLinkOptions, 'opening' | `on${string}`>;

function openStream(
  start: StartMessage,
  linkOptions: LinkOptions,
  { signal, onState, onWarning }: Listeners,
): ClientStream {
  const audio = createUnackedAudio(BYTES_PER_SAMPLE[start.encoding]);
  let isClosing = false;
  let ended: { readonly error: Error | undefined } | undefined;

  const finish = (error?: Error): void => {
    if (ended !== undefined) return;
    ended = { error };
    link.close();
    signal?.removeEventListener('abort', onAbort);
    queue.end(error);
    onState?.('closed');
  };
  const onAbort = (): void =>
    finish(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
  const queue = createEventQueue(() => finish());
  const onReady = (sample: number): void => {
    link.ready();
    onState?.('open');
    for (const { bytes } of audio.from(sample)) {
      if (bytes === undefined) link.send({ type: 'Finalize' });
      else link.sendAudio(Uint8Array.from(bytes));
    }
    if (isClosing) link.send({ type: 'CloseStream' });
  };
  const handlers = {
    onEvent: queue.push,
    onWarning: (warning: WarningMessage) => onWarning?.(warning),
    onReady,
    onEnd: finish,
  };
  const state = createSessionState({ start, audio, ...handlers });
  const link: SessionLink = openSessionLink({
    ...linkOptions,
    opening: state.opening,
    onMessage: state.take,
    onLost: (reason) => onState?.('lost', reason),
    onEnd: (error) => finish(state.failure() ?? error),
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  const most = 'sampleRate' in start ? UNACKED_SECONDS * start.sampleRate : UNACKED_TOKENS;
  const hasRoom = (): boolean =>
    ended !== undefined || (audio.nextSample() - audio.firstSample() <= most && link.bufferedBytes() <= BUFFERED_BYTES);

  return {
    send: async (bytes) => {
      assertSendable(bytes, start.encoding, isClosing);
      const copy = Uint8Array.from(bytes);
      audio.push(copy);
      link.sendAudio(copy);
      while (!hasRoom()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (ended?.error !== undefined) throw ended.error;
    },
    finalize: () => {
      audio.pushFinalize();
      link.send({ type: 'Finalize' });
    },
    close: () => {
      if (isClosing) return;
      isClosing = true;
      link.send({ type: 'CloseStream' });
    },
    events: queue.events,
  };
}

function assertSendable(bytes: Uint8Array, encoding: StreamEncoding, isClosing: boolean): void {
  if (isClosing) throw new StreamError('client/closed', 'Expected no audio after close(), got some');
  if (!(bytes instanceof Uint8Array)) {
    throw new StreamError('client/bytes', 'Expected bytes (a Uint8Array), got something else');
  }
  if (bytes.length % BYTES_PER_SAMPLE[encoding] !== 0) {
    throw new StreamError('client/odd-bytes', `Expected whole ${encoding} samples, got ${bytes.length} bytes`);
  }
}

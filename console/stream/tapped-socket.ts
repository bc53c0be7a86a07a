/** The browser's WebSocket, listened in on: what the client does by itself becomes visible, and can be provoked. */
import type { WebSocketClass, WebSocketLike } from '../../client/index.ts';
import type { ServerMessage } from '../../client/protocol.ts';
import { parseServerMessage } from '../../client/server-message.ts';

export type SocketTap = {
  /** WebSocket class for the options of `connect`. */ readonly WebSocket: WebSocketClass;
  /** Closes the connection; the next one is held back until `milliseconds` have passed. */
  readonly cut: (milliseconds: number) => void;
};

/** A socket that opens when it may: as one whose network is away for a while. */
class HeldSocket implements WebSocketLike {
  binaryType = ''; // the server speaks in text
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  #socket: WebSocket | undefined;
  readonly #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(open: () => WebSocket, heldMs: number) {
    const start = (): void => {
      this.#socket = open();
      for (const type of ['open', 'message', 'close', 'error'] as const) {
        this.#socket.addEventListener(type, (event) => this[`on${type}`]?.(event as never)); // each takes its own type
      }
    };
    if (heldMs > 0) this.#waiting = setTimeout(start, heldMs);
    else start();
  }

  get readyState(): number {
    return this.#socket?.readyState ?? WebSocket.CONNECTING;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    clearTimeout(this.#waiting);
    this.#socket?.close(code, reason);
  }
}

/** `onMessage` is told of every message before the client is. */
export function tapSockets(onMessage: (message: ServerMessage) => void): SocketTap {
  let current: WebSocket | undefined;
  let isCutUntil = 0;
  const open = (url: string, protocols: string[]): WebSocket => {
    const socket = new WebSocket(url, protocols);
    current = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = messageIn(data);
      if (message !== undefined) onMessage(message);
    });
    return socket;
  };
  class TappedSocket extends HeldSocket {
    constructor(url: string, protocols: string[]) {
      super(() => open(url, protocols), isCutUntil - performance.now());
    }
  }
  return {
    WebSocket: TappedSocket,
    cut: (milliseconds) => {
      isCutUntil = performance.now() + milliseconds;
      current?.close();
    },
  };
}

/** The message in `data`; undefined where it is none, which the client refuses itself. */
function messageIn(data: unknown): ServerMessage | undefined {
  try {
    return parseServerMessage(data);
  } catch {
    return undefined;
  }
}

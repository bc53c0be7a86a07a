/** The browser's WebSocket, listened in on: what the client does by itself becomes visible, and can be provoked. */
import type { WebSocketClass } from '../../client/index.ts';
import type { ServerMessage } from '../../client/protocol.ts';

export type SocketTap = {
  /** For the options of `connect`. */ readonly WebSocket: WebSocketClass;
  /** Closes the connection, and any that is tried within `milliseconds`. */
  readonly cut: (milliseconds: number) => void;
};

/** `onMessage` is told of every message before the client is. */
export function tapSockets(onMessage: (message: ServerMessage) => void): SocketTap {
  let current: WebSocket | undefined;
  let isCutUntil = 0;
  const tap = (socket: WebSocket): void => {
    current = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') onMessage(JSON.parse(data) as ServerMessage); // the server speaks nothing else
    });
    if (performance.now() < isCutUntil) socket.close();
  };
  class TappedSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      tap(this);
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

/** One WebSocket after the other to the same session: opens, listens, and says when to try again. */
import type { ClientMessage, ServerMessage } from './protocol.ts';
import { isWorthReconnecting, type WebSocketClass, type WebSocketLike } from './web-socket.ts';

export const SUBPROTOCOL = 'hearken.v1';

export type Connection = {
  readonly send: (message: ClientMessage) => void;
  readonly sendAudio: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Bytes that have not left yet. */ readonly bufferedBytes: () => number;
  readonly close: () => void;
};

export type ConnectionListener = {
  readonly onOpen: () => void;
  readonly onMessage: (message: ServerMessage) => void;
  /** `code` is the close code, 1006 where none came. */
  readonly onClose: (lost: { readonly code: number; readonly reason: string; readonly retry: boolean }) => void;
};

/** Opens a connection; `onClose` is called once, however it ends, and nothing after it. */
export function openConnection(url: string, WebSocket: WebSocketClass, listener: ConnectionListener): Connection {
  const socket: WebSocketLike = new WebSocket(url, [SUBPROTOCOL]);
  socket.binaryType = 'arraybuffer';
  let isOver = false;
  // Properties, since of listeners the types of browsers, Node and `ws` have little in common.
  /* oxlint-disable unicorn/prefer-add-event-listener */
  socket.onopen = () => listener.onOpen();
  socket.onmessage = ({ data }: { data: unknown }) => {
    // The server speaks JSON in text frames only; see `ServerMessage`.
    if (!isOver && typeof data === 'string') listener.onMessage(JSON.parse(data) as ServerMessage);
  };
  socket.onerror = () => undefined; // a close follows and tells what there is to tell
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
    if (isOver) return;
    isOver = true;
    listener.onClose({ code, reason, retry: isWorthReconnecting(code) });
  };
  /* oxlint-enable unicorn/prefer-add-event-listener */
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    sendAudio: (bytes) => socket.send(bytes),
    bufferedBytes: () => socket.bufferedAmount,
    close: () => {
      isOver = true;
      socket.close(1000);
    },
  };
}

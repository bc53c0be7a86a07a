/** One WebSocket after the other to the same session: opens, listens, and says when to try again. */
import type { ClientMessage, ServerMessage } from './protocol.ts';
import { isWorthReconnecting, type WebSocketClass, type WebSocketLike } from './web-socket.ts';

export const SUBPROTOCOL = 'hearken.v1';
/** Before a key or token: how browsers, which cannot set headers of a WebSocket, say who they are. */
export const API_KEY_SUBPROTOCOL = 'hearken-api-key.';

export type Connection = {
  readonly send: (message: ClientMessage) => void;
  readonly sendAudio: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Bytes that have not left yet. */ readonly bufferedBytes: () => number;
  readonly close: () => void;
};

export type ConnectionOptions = { readonly WebSocket: WebSocketClass; readonly apiKey?: string | undefined };

export type ConnectionListener = {
  readonly onOpen: () => void;
  readonly onMessage: (message: ServerMessage) => void;
  /** `code` is the close code, 1006 where none came. */
  readonly onClose: (lost: { readonly code: number; readonly reason: string; readonly retry: boolean }) => void;
};

/** Whether the server does not know who we are, or does not want us: it would say so again. */
function isUnwelcome(failure: string): boolean {
  return /server response: 40[13]$/.test(failure);
}

/** Opens a connection; `onClose` is called once, however it ends, and nothing after it. */
export function openConnection(
  url: string,
  { WebSocket, apiKey }: ConnectionOptions,
  listener: ConnectionListener,
): Connection {
  const key = apiKey === undefined ? [] : [`${API_KEY_SUBPROTOCOL}${apiKey}`];
  const socket: WebSocketLike = new WebSocket(url, [SUBPROTOCOL, ...key]);
  socket.binaryType = 'arraybuffer';
  let isOver = false;
  // Properties, since of listeners the types of browsers, Node and `ws` have little in common.
  /* oxlint-disable unicorn/prefer-add-event-listener */
  socket.onopen = () => listener.onOpen();
  socket.onmessage = ({ data }: { data: unknown }) => {
    // The server speaks JSON in text frames only; see `ServerMessage`.
    if (!isOver && typeof data === 'string') listener.onMessage(JSON.parse(data) as ServerMessage);
  };
  let failure = '';
  // A close follows. Why a handshake was refused only `ws` tells, and only here.
  socket.onerror = ({ message = '' }: { message?: string }) => {
    failure = message;
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
    if (isOver) return;
    isOver = true;
    listener.onClose({ code, reason: reason || failure, retry: isWorthReconnecting(code) && !isUnwelcome(failure) });
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

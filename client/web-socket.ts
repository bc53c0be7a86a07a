/** What the client needs of a WebSocket: browsers' own, Node 22's, or the class of the `ws` package. */
export type WebSocketLike = {
  binaryType: string;
  readonly readyState: number;
  /** The subprotocol that the server agreed to. */ readonly protocol?: string;
  /** Bytes given to `send` that have not left yet. */ readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  /** Ends the connection at once, without asking the other side; only sockets of the `ws` package have it. */
  terminate?(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
};

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** The platform's WebSocket class, where there is one. */
export function platformWebSocket(): WebSocketClass | undefined {
  return (globalThis as { WebSocket?: WebSocketClass }).WebSocket; // Node 20 has none
}

/**
 * Whether a connection that was closed with `code` is worth opening again: it was lost (1006), the server goes away or is
 * too busy (1001, 1011, 1012, 1013), or one of ours below 4500. All others would only fail again.
 */
export function isWorthReconnecting(code: number): boolean {
  return [1001, 1005, 1006, 1011, 1012, 1013].includes(code) || (code >= 4000 && code < 4500);
}

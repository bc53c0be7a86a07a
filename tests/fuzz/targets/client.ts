/** What a server says to the client: each line of an input is a text frame. */
import { connect, StreamError, type WebSocketClass, type WebSocketLike } from '../../../client/index.ts';
import { type FuzzTarget, textOf } from '../target.ts';

/** A connection that is open at once, and says what it is told to. */
class ScriptedSocket implements WebSocketLike {
  static last: ScriptedSocket | undefined;
  binaryType = '';
  readyState = 1;
  readonly bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  constructor() {
    ScriptedSocket.last = this;
  }

  send(): void {}

  close(): void {
    this.readyState = 3;
  }

  /** As a browser calls it. */
  tell(name: 'onopen' | 'onmessage' | 'onclose', event: object): void {
    this[name]?.(event as never);
  }
}

const SCRIPTED: WebSocketClass = ScriptedSocket;

export const SERVER_MESSAGES: FuzzTarget = {
  name: 'server-messages',
  cases: 3_000,
  isRefusal: (error) => error instanceof StreamError,
  open: async () => async (bytes) => {
    const stream = connect('ws://127.0.0.1:1/v1/stream', {
      encoding: 's16le',
      sampleRate: 16_000,
      tries: 0,
      WebSocket: SCRIPTED,
    });
    const socket = ScriptedSocket.last;
    if (socket === undefined) throw new Error('no connection was opened');
    socket.tell('onopen', {});
    await stream.send(new Uint8Array(3_200));
    for (const data of textOf(bytes).split('\n')) socket.tell('onmessage', { data });
    socket.tell('onclose', { code: 1000, reason: 'over' });
    let count = 0;
    for await (const event of stream.events) {
      if (typeof event !== 'object' || event === null) throw new Error(`an event that is ${String(event)}`);
      count++;
    }
    if (count > bytes.length) throw new Error(`${count} events`);
  },
};

/**
 * Live streams to a hearken server, from Node and from browsers, without a dependency.
 *
 * ```ts
 * const stream = connect('ws://127.0.0.1:8080/v1/stream', { encoding: 's16le', sampleRate: 16_000 });
 * stream.send(bytes).then(() => stream.close());
 * for await (const event of stream.events) if (event.type === 'final') console.log(event.text);
 * ```
 */
export { type ClientStream, connect, type ConnectionState, type ConnectOptions } from './connect.ts';
export type {
  AlternativeMessage,
  AudioEncoding,
  EventMessage,
  MemoryMessage,
  NumberedMessage,
  PartialMessage,
  RootMessage,
  StreamEncoding,
  WordAttentionMessage,
  WordMessage,
} from './protocol.ts';
export type { ClientErrorCode } from './error-codes.ts';
export { StreamError } from './stream-error.ts';
export type { WebSocketClass, WebSocketLike } from './web-socket.ts';

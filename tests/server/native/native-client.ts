import { type ClientOptions, WebSocket } from 'ws';

import { connect, type ConnectOptions, type EventMessage, type NumberedMessage } from '../../../client/index.ts';
import type { ServerMessage } from '../../../client/protocol.ts';
import { serverMessageSchema } from '../../../server/native/server-message.ts';
import { connectSocket } from '../socket-client.ts';

/** Bytes in one frame: 0.1 s of 16-bit samples at 16 kHz. */
export const FRAME_BYTES = 3_200;

/** A connection without a client's cleverness: every message is held against the schema and kept. */
export type RawClient = {
  readonly socket: WebSocket;
  readonly say: (message: unknown) => void;
  /** The next message of the type, those before it forgotten. Rejects where the connection ends before. */
  readonly next: <T extends ServerMessage['type']>(type: T) => Promise<Extract<ServerMessage, { type: T }>>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};

export async function connectRaw(url: string, options: ClientOptions = {}): Promise<RawClient> {
  const { socket, reply, closed } = await connectSocket(url, ['hearken.v1'], options);
  return {
    socket,
    closed,
    say: (message) =>
      socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    next: async (type) => {
      for (;;) {
        const message = serverMessageSchema.parse(JSON.parse(await reply()));
        if (message.type === type) return message as never; // its type was just compared
      }
    },
  };
}

/**
 * The events with times in whole milliseconds and confidences to four digits: whom a stream shares a batch with changes the
 * last ones, as any other order of adding does.
 */
export function rounded(events: readonly EventMessage[]): unknown {
  const digits = new Map([...['start', 'end', 'time'].map((name) => [name, 3] as const), ['confidence', 4]]);
  const round = (name: string, value: unknown): unknown =>
    typeof value === 'number' && digits.has(name) ? Number(value.toFixed(digits.get(name))) : value;
  return JSON.parse(JSON.stringify(events), round);
}

/** What a client hears of `pcm` (s16le at 16 kHz), but for what is replaced; `pace` is awaited before each frame. */
export async function listenTo(
  url: string,
  pcm: Buffer,
  pace: (sentBytes: number) => Promise<unknown> | undefined = () => undefined,
  options: Partial<ConnectOptions> = {},
): Promise<NumberedMessage[]> {
  const stream = connect(url, {
    encoding: 's16le',
    sampleRate: 16_000,
    grammar: 'codes',
    tries: Infinity, // a server under test is slow on a busy machine, never lost for good
    WebSocket,
    ...options,
  });
  const sending = (async () => {
    for (let at = 0; at < pcm.length; at += FRAME_BYTES) {
      await pace(at);
      await stream.send(pcm.subarray(at, at + FRAME_BYTES));
    }
    stream.close();
  })();
  const events: NumberedMessage[] = [];
  for await (const event of stream.events) if ('offset' in event) events.push(event);
  await sending;
  return events;
}

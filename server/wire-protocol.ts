/**
 * What a wire protocol is: two functions that know no socket, clock or engine. One reads what a message asks for, one says what an
 * answer is told as; `serve-protocol.ts` puts sockets and the engine around them.
 */
import type { SampleEncoding } from '../src/audio/sample-encoding.ts';
import type { HearkenError } from '../src/errors.ts';
import type { OpenStream, RecognitionEvent, ServedModel } from './engine/client.ts';
import type { DrainReason, SocketMessage } from './websockets.ts';

/** An event of a connection: that it is open, a message, or that no more will come, because it is drained or gone. */
export type Received =
  | { readonly type: 'joined' }
  | SocketMessage
  | { readonly type: 'left'; readonly drainReason: DrainReason | undefined };

/**
 * A command to the engine or to the sender, in order. `note` is what `write` has to know of the moment in which it was
 * given.
 */
export type Command<Note> =
  /** Closes the stream that is open, if one is, once everything asked of it is answered. */
  | { readonly type: 'end' }
  /** Ends the stream that is open, if one is, as `end` does, and opens another with `options`. */
  | {
      readonly type: 'open';
      readonly options: OpenStream;
      /** Encoding of the client's samples. */ readonly encoding: SampleEncoding;
      /** Seconds of the connection's audio in streams before; events are shifted by as much. */
      readonly secondsBefore: number;
    }
  /** Samples for the stream that is open; waits until it has room. */
  | { readonly type: 'push'; readonly samples: Float32Array; readonly note: Note }
  /** Settles what is under way in the stream that is open. */
  | { readonly type: 'flush'; readonly note: Note }
  /** Nothing of the engine: `note` is told when everything before is. */
  | { readonly type: 'tell'; readonly note: Note }
  /** Tells the log what the client has set in vain. */
  | { readonly type: 'ignored'; readonly names: readonly string[] }
  | Close;

/** Ends the connection when everything before was told; nothing comes after it. */
export type Close = {
  readonly type: 'close';
  readonly code: number;
  readonly reason: string;
  /** Why the connection is refused, where it is. */ readonly refusal?: HearkenError;
};

/** The result of a command: the events that its audio brought, none for a `tell`. */
export type Answer<Note> = { readonly note: Note; readonly events: readonly RecognitionEvent[] };

/** One connection of a protocol: a state without a socket, of which the two halves know what is theirs. */
export type WireProtocol<Note> = {
  /** The commands of a message, where these models are served. Throws what the connection is refused for. */
  readonly read: (received: Received, models: readonly ServedModel[]) => readonly Command<Note>[];
  /** The text frames that tell the client of an answer; answers come in the order of their commands. */
  readonly write: (answer: Answer<Note>) => readonly string[];
  /** The last text frames, and the end, where the connection cannot go on: everything asked before was told. */
  readonly refuse: (error: HearkenError) => { readonly frames: readonly string[]; readonly close: Close };
};

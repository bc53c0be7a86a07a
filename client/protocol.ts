/** What client and server say to each other on `/v1/stream`, subprotocol `hearken.v1`. Types only: both sides share them. */

/** How samples are written in binary frames, one channel. */
export type AudioEncoding = 's16le' | 'f32le' | 'mulaw';

/** How what is sent is written: samples, or tokens as ids of 32 bits, little-endian. */
export type StreamEncoding = AudioEncoding | 'i32le';

/** First message of a new stream. Where messages count samples, a stream of tokens counts tokens. */
export type StartMessage = StartAudioMessage | StartTokensMessage;

export type StartTokensMessage = {
  readonly type: 'start';
  readonly encoding: 'i32le';
  /** Id of a token model of the server; its first where absent. */ readonly model?: string | undefined;
};

export type StartAudioMessage = {
  readonly type: 'start';
  readonly encoding: AudioEncoding;
  /** Hz, 4000..768000 */ readonly sampleRate: number;
  /** Id of a model of the server; its default where absent. */ readonly model?: string | undefined;
  /** A grammar of the model by name, or the words that may be said. */
  readonly grammar?: string | readonly string[] | undefined;
  /** Whether `memory` and `attention` messages are wanted; default false. */ readonly attention?: boolean | undefined;
};

/** First message of a client that comes back. */
export type ResumeMessage = {
  readonly type: 'resume';
  readonly session: string;
  readonly epoch: string;
  /** Offset of the last event that arrived, -1 for none. */ readonly lastEventOffset: number;
  /** The earliest sample that the client can still send. */ readonly firstSample: number;
};

/** Ends the utterance under way at once: its final comes now, and the stream goes on. */
export type FinalizeMessage = { readonly type: 'Finalize' };
/** No more audio: what is under way is settled, then `closed` comes and the server closes. */
export type CloseMessage = { readonly type: 'CloseStream' };
/** Keeps a stream without audio from being closed as idle. */
export type KeepAliveMessage = { readonly type: 'KeepAlive' };

export type ClientMessage = StartMessage | ResumeMessage | FinalizeMessage | CloseMessage | KeepAliveMessage;

export type StartedMessage = {
  readonly type: 'started';
  readonly session: string;
  readonly epoch: string;
  readonly model: string;
  /** The server says something at least so often; one of before has no such promise. */
  readonly aliveEverySeconds?: number | undefined;
};

/** The answer to `resume`. Where `recovered` is false nothing was taken over, and `reason` says why. */
export type ResumedMessage =
  | {
      readonly type: 'resumed';
      readonly recovered: true;
      readonly epoch: string;
      /** The client goes on sending from this sample. */ readonly ackedSamples: number;
      /** Offset of the next event that will come. */ readonly fromEventOffset: number;
      /** As in `started`. */ readonly aliveEverySeconds?: number | undefined;
    }
  | { readonly type: 'resumed'; readonly recovered: false; readonly reason: string };

/** Everything up to this sample is durable: the client may forget it. */
export type AckMessage = { readonly type: 'ack'; readonly samples: number };

/** Nothing else was said for a while: the server and the way to it are alive. */
export type AliveMessage = { readonly type: 'alive' };

/** What is wrong; the server closes the connection after it. */
export type ErrorMessage = { readonly type: 'error'; readonly code: string; readonly message: string };

/** What does not work at present, without an end to the stream: `session/store`, no audio is acknowledged until it works again. */
export type WarningMessage = { readonly type: 'warning'; readonly code: string; readonly message: string };

/** The stream is over. */
export type ClosedMessage = {
  readonly type: 'closed';
  readonly samples: number;
  readonly durationSeconds?: number | undefined;
};

export type WordMessage = {
  readonly word: string;
  /** Seconds from the start of the stream. */ readonly start: number;
  readonly end: number;
  /** 0 to 1 */ readonly confidence: number;
};

/** Replaced by the next partial or final; only the latest is kept for a slow reader, and none is sent again. */
export type PartialMessage = {
  readonly type: 'partial';
  readonly text: string;
  readonly words: readonly WordMessage[];
};

/**
 * What the stream's memory holds at a moment, and on what of it the newest output rests. The next one replaces it; only the latest is
 * kept for a slow reader, and none is sent again.
 */
export type MemoryMessage = {
  readonly type: 'memory';
  /** Seconds from the start of the stream. */ readonly time: number;
  /** The live roots, oldest first, and the window last; they partition the past since the last `Finalize`. */
  readonly roots: readonly RootMessage[];
};

export type RootMessage = {
  /** 0 is the window; a root of level 1 stands for a block of vectors, one above for roots of the level below. */
  readonly level: number;
  /** Seconds */ readonly start: number;
  readonly end: number;
  /** The attention's shares of equal parts of its span, oldest first: in the window those of single vectors. */
  readonly shares: readonly number[];
};

/** Shares of attention over the bins of an `attention` message; they sum to 1 but for rounding. */
export type WordAttentionMessage = WordMessage & {
  /** Where the memory's read looked in the moment that CTC placed the word. */ readonly memory: readonly number[];
  /** Where the attention decoder looked when it wrote the word; absent where CTC settled alone. */
  readonly decoder?: readonly number[] | undefined;
};

/** Numbered without gaps within an epoch, never changed, and sent again to a client that has missed them. */
export type NumberedMessage = { readonly offset: number } & (
  | {
      readonly type: 'final';
      readonly text: string;
      readonly words: readonly WordMessage[];
      readonly start: number;
      readonly end: number;
    }
  | { readonly type: 'endpoint'; readonly time: number; readonly reason: string }
  | {
      /** A token model's answers to consecutive tokens: in blocks of 64, at a `Finalize`, and at the end. */
      readonly type: 'answers';
      /** Number, from 0, of the token that the first answer is to. */ readonly firstToken: number;
      /** The likeliest label after each token, were the stream to end there. */ readonly labels: readonly number[];
      /** How likely each is, 0 to 1. */ readonly probabilities: readonly number[];
    }
  | {
      /** On which moments of the whole past each word of the final before it rests. */ readonly type: 'attention';
      /** Seconds: bin i lasts from edge i to edge i + 1. The older, the longer: together O(log) of the past. */
      readonly edges: readonly number[];
      readonly words: readonly WordAttentionMessage[];
    }
);

export type EventMessage = PartialMessage | MemoryMessage | NumberedMessage;

export type ServerMessage =
  | StartedMessage
  | ResumedMessage
  | AckMessage
  | AliveMessage
  | WarningMessage
  | ErrorMessage
  | ClosedMessage
  | EventMessage;

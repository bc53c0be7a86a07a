/** What client and server say to each other on `/v1/stream`, subprotocol `hearken.v1`. Types only: both sides share them. */
import type { PlainForm } from '../src/grammar/grammar-form.ts';

/** How samples are written in binary frames, one channel. */
export type AudioEncoding = 's16le' | 'f32le' | 'mulaw';

/** Encoding of the binary messages: audio, or ids of tokens as 32-bit integers, little-endian. */
export type StreamEncoding = AudioEncoding | 'i32le';

/** First message of a new stream. Where messages count samples, a stream of tokens counts tokens. */
export type StartMessage = StartAudioMessage | StartTokensMessage;

export type StartTokensMessage = {
  readonly type: 'start';
  readonly encoding: 'i32le';
  /** Id of a token model of the server; default the server's first one. */ readonly model?: string | undefined;
};

export type StartAudioMessage = {
  readonly type: 'start';
  readonly encoding: AudioEncoding;
  /** Sample rate of the audio in Hz, 4000..768000. */ readonly sampleRate: number;
  /** Id of a model of the server; default the server's first one. */ readonly model?: string | undefined;
  /**
   * What may be said: a grammar of the model by name, a list of words, or a form (a pattern, rules, phrases, words with boosts). Default: the
   * model's default grammar.
   */
  readonly grammar?: string | readonly string[] | PlainForm | undefined;
  /** Whether `memory` and `attention` messages are wanted; default false. */ readonly attention?: boolean | undefined;
};

/** First message of a client that comes back. */
export type ResumeMessage = {
  readonly type: 'resume';
  readonly session: string;
  readonly epoch: string;
  /** Offset of the last event that arrived, -1 where none has. */ readonly lastEventOffset: number;
  /** The earliest sample that the client can still send. */ readonly firstSample: number;
};

/** Ends the utterance under way at once: its final comes now, and the stream goes on. */
export type FinalizeMessage = { readonly type: 'Finalize' };
/**
 * Says that no more audio follows: the utterance under way is finished, then `closed` comes and the server closes the
 * connection.
 */
export type CloseMessage = { readonly type: 'CloseStream' };
/** Keeps a stream without audio from being closed as idle. */
export type KeepAliveMessage = { readonly type: 'KeepAlive' };

export type ClientMessage = StartMessage | ResumeMessage | FinalizeMessage | CloseMessage | KeepAliveMessage;

export type StartedMessage = {
  readonly type: 'started';
  readonly session: string;
  readonly epoch: string;
  readonly model: string;
  /**
   * Longest time in seconds between two messages of the server; absent from servers of earlier versions, which make no
   * such promise.
   */
  readonly aliveEverySeconds?: number | undefined;
};

/** The answer to `resume`. Where `recovered` is false nothing was taken over, and `reason` says why. */
export type ResumedMessage =
  | {
      readonly type: 'resumed';
      readonly recovered: true;
      readonly epoch: string;
      /** Number of the sample from which the client goes on sending. */ readonly ackedSamples: number;
      /** Offset of the next event that will come. */ readonly fromEventOffset: number;
      /**
       * Longest time in seconds between two messages of the server; absent from servers of earlier versions, which make
       * no such promise.
       */
      readonly aliveEverySeconds?: number | undefined;
    }
  | { readonly type: 'resumed'; readonly recovered: false; readonly reason: string };

/** Acknowledges audio: everything before sample `samples` is durable, so the client may forget it. */
export type AckMessage = { readonly type: 'ack'; readonly samples: number };

/** Sent when the server has had nothing else to say for a while: it and the way to it are alive. */
export type AliveMessage = { readonly type: 'alive' };

/** An error of the stream; the server closes the connection after it. */
export type ErrorMessage = { readonly type: 'error'; readonly code: string; readonly message: string };

/**
 * Something that does not work at present, without an end to the stream: `session/store`, no audio is acknowledged
 * until it works again.
 */
export type WarningMessage = { readonly type: 'warning'; readonly code: string; readonly message: string };

/** The end of the stream: nothing comes after it. */
export type ClosedMessage = {
  readonly type: 'closed';
  readonly samples: number;
  readonly durationSeconds?: number | undefined;
};

export type WordMessage = {
  readonly word: string;
  /** Start of the word, in seconds from the start of the stream. */ readonly start: number;
  readonly end: number;
  /** Probability that the word is right, 0 to 1. */ readonly confidence: number;
  /** Set where the word was not said then, but given back: the utterance asked for what was marked before. */ readonly recalled?:
    | true
    | undefined;
};

/**
 * The words of the utterance so far. The next partial or final replaces it; only the latest is kept for a slow reader,
 * and none is sent again.
 */
export type PartialMessage = {
  readonly type: 'partial';
  readonly text: string;
  readonly words: readonly WordMessage[];
  /** What they are written as so far; only where the grammar is a form. */ readonly written?: string | undefined;
  /** Whether what is written is whole; only where the grammar is a form. */ readonly complete?: boolean | undefined;
};

/** What may have been said in an utterance of a form. */
export type AlternativeMessage = {
  readonly written: string;
  /** Its words, as they were spoken. */ readonly text: string;
  readonly complete: boolean;
  readonly valid: boolean;
  /** Natural logarithm of its score, to compare with others of its utterance. */ readonly logProbability: number;
  /** Its share, 0 to 1, in all that was considered. */ readonly posterior: number;
};

/**
 * What the stream's memory holds at a moment, and how the newest output's attention is spread over it. The next one
 * replaces it; only the latest is kept for a slow reader, and none is sent again.
 */
export type MemoryMessage = {
  readonly type: 'memory';
  /** Moment of the picture, in seconds from the start of the stream. */ readonly time: number;
  /**
   * The live roots of the memory's trees, oldest first, and the window last; they partition the past since the last
   * `Finalize`.
   */
  readonly roots: readonly RootMessage[];
};

export type RootMessage = {
  /**
   * Level of the root: 0 is the window; a root of level 1 stands for a block of vectors, one above for roots of the
   * level below.
   */
  readonly level: number;
  /** Start of the root's span, in seconds from the start of the stream. */ readonly start: number;
  readonly end: number;
  /** Shares of attention of equal parts of the root's span, oldest first; in the window those of single vectors. */
  readonly shares: readonly number[];
};

/** A word with its shares of attention over the bins of an `attention` message; they sum to 1 but for rounding. */
export type WordAttentionMessage = WordMessage & {
  /** Attention of the memory's read at the vector where CTC placed the word. */ readonly memory: readonly number[];
  /** Attention of the attention decoder when it wrote the word; absent where CTC decided alone. */
  readonly decoder?: readonly number[] | undefined;
};

/**
 * An event that never changes. Its offsets are without gaps within an epoch, and it is sent again to a client that has
 * missed it.
 */
export type NumberedMessage = { readonly offset: number } & (
  | {
      readonly type: 'final';
      readonly text: string;
      readonly words: readonly WordMessage[];
      readonly start: number;
      readonly end: number;
      /** What was said as it is written; this and what follows only where the grammar is a form. */
      readonly written?: string | undefined;
      readonly complete?: boolean | undefined;
      /** Whether it is whole and satisfies all checks. */ readonly valid?: boolean | undefined;
      /** The answer, then what else it may have been, the likeliest first. */
      readonly alternatives?: readonly AlternativeMessage[] | undefined;
      /** By how many milliseconds it came before it would have by the usual pause. */ readonly savedMs?:
        | number
        | undefined;
    }
  | { readonly type: 'endpoint'; readonly time: number; readonly reason: string }
  | {
      /** Nobody said anything for the time that the stream's grammar states. */
      readonly type: 'no-input';
      /** When the time was over, in seconds from the start of the stream. */ readonly time: number;
    }
  | {
      /** A token model's answers to consecutive tokens: in blocks of 64, at a `Finalize`, and at the end. */
      readonly type: 'answers';
      /** Number, from 0, of the token that the first answer is to. */ readonly firstToken: number;
      /** The likeliest label after each token, were the stream to end there. */ readonly labels: readonly number[];
      /** Probability of each of the labels, 0 to 1. */ readonly probabilities: readonly number[];
    }
  | {
      /** Attention of each word in the preceding final over bins of the whole past. */ readonly type: 'attention';
      /**
       * Bounds of the bins in seconds: bin i lasts from edge i to edge i + 1. Older bins are longer, so that there are
       * O(log) of the past.
       */
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

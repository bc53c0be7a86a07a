/**
 * What recognizes streams, wherever its model computes: in this process (`Model`), or behind a thread (the server's engine).
 * Whoever brings samples and takes events needs to know no more of it.
 */
import type { RecognitionEvent } from './events.ts';

/** A stream between two of its chunks: plain data from which any recognizer with the same model goes on. */
export type StreamSnapshot = {
  /** The model's state of the stream, in a versioned binary form. */ readonly state: Uint8Array<ArrayBuffer>;
  /** Sample rate of the stream's samples in Hz; absent of streams of tokens, and in snapshots older than this field. */
  readonly sampleRate?: number;
  /** Samples that the sample rate converter still needs for the samples to come. */
  readonly resamplerTail: Float32Array;
  readonly resamplerPhase: number;
  /** Samples since the last flush, at the stream's own rate. */ readonly samplesHeard: number;
  /** Samples before the last flush, at the stream's own rate. */ readonly samplesBefore: number;
  /** State of the attribution of words to bins of the past, where the stream reports attention. */
  readonly trace?: Uint8Array<ArrayBuffer> | undefined;
};

/** One stream being recognized. Answers come in the order of the calls. */
export type RecognizerStream<Samples = Float32Array, Event = RecognitionEvent> = {
  /**
   * Takes samples in -1..1 at the stream's rate (of a stream of tokens: their ids), of any number, and resolves with the
   * events that they brought. Their buffer may be given away: whoever needs them afterwards keeps a copy. Rejects with what
   * is wrong with them, `stream/overflow` where the caller did not wait for room, or `stream/closed`; then the stream is over.
   */
  readonly push: (samples: Samples) => Promise<readonly Event[]>;
  /** Ends the utterance under way at once; audio may go on after it, in the same count of seconds. */
  readonly flush: () => Promise<readonly Event[]>;
  /** A snapshot of the stream after all that was pushed before: a small value, from which `open({ from })` goes on. */
  readonly snapshot: () => Promise<StreamSnapshot>;
  /** Resolves when one more chunk may be pushed, at once where there is room. Never rejects. */
  readonly room: () => Promise<void>;
  /**
   * Ends the stream; what is under way rejects with `stream/closed`. What it kept outside its state, the leaves of a cold store, is deleted; of a
   * stream that was opened `from` a snapshot only what came after that, or after the last one that was taken of it. So it is where the stream fails, and
   * then the last snapshot of a stream that began here goes on, too. Throws `leaves/failed` where leaves cannot be deleted.
   */
  readonly close: (options?: CloseOptions) => void;
};

export type CloseOptions = {
  /**
   * True keeps all leaves, for a stream that goes on from a snapshot; false deletes all of them, though a snapshot may name them; default see `close`.
   * Of a model whose streams keep nothing outside their state it changes nothing.
   */
  readonly keepsLeaves?: boolean | undefined;
};

/** Opens streams. What is wrong with the options is thrown, or told by the stream's first answer. */
export type Recognizer<Options, Stream = RecognizerStream> = { readonly open: (options: Options) => Stream };

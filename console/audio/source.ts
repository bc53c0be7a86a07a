/** Where audio comes from: a microphone or a recording, one channel, in pieces of any length. */
export type AudioSource = {
  /** Sample rate in Hz. */ readonly sampleRate: number;
  /** Samples in -1..1, for one reader; ends after `stop`. Throws where the source fails. */
  readonly chunks: AsyncIterable<Float32Array>;
  /** Whether it comes as fast as it is spoken, so that a delay can be told. */ readonly isLive: boolean;
  /** Stops the source; what came already can still be read. */ readonly stop: () => void;
};

/** Length in seconds of a chunk that is sent at once. */
export const CHUNK_SECONDS = 0.1;

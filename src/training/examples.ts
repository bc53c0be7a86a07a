export type PrecedingUtterance = {
  readonly labels: readonly string[];
  /**
   * Sample at which the preceding utterance ends and the next one begins; the decoder sees nothing of the time before.
   */
  readonly end: number;
};

/** A recording of which the phones are known, and not the labels: other words, or another language. */
export type PhoneExample = Pick<AudioExample, 'samples' | 'warp'> & {
  readonly labels?: undefined;
  readonly phones: readonly string[];
};

/** A recording with its transcript, as synthesised or read from a manifest. */
export type AudioExample = {
  /** Samples of one channel at the model's sample rate, in -1..1. */ readonly samples: Float32Array;
  /** Vocabulary labels of the utterance that the decoder writes, in the order in which they are said. */
  readonly labels: readonly string[];
  /** What was said in the same stream before that utterance, if anything: CTC learns it too, the decoder does not. */
  readonly preceding?: PrecedingUtterance;
  /** What a head `phones` writes of all of the recording; absent where that is not known. */ readonly phones?:
    | readonly string[]
    | undefined;
  /** Factor on the mel bands' edges in Hz (vocal tract length perturbation); 1 leaves them. */ readonly warp: number;
};

/** A sequence with its truth: what the heads of the model are to say of it. */
export type SequenceExample = {
  /** Text in the symbols of the source, or their ids; of a source of numbers those of all times, one after the other, of images those of all pixels, row by row. */
  readonly input: string | readonly number[];
  /** What a decoder or CTC writes: text in its symbols, or their ids. */ readonly output?: string | readonly number[];
  /** What CTC writes, in its symbols, where that is not what the decoder beside it writes. */ readonly spelled?:
    | string
    | readonly number[];
  /** What a classifier says (one of its labels, or its number), or an `answers` head at the end. */
  readonly label?: string | number;
  /** What an `answers` head says at each input, -1 where it is not asked; instead of `label`, which is asked at the end alone. */
  readonly labels?: readonly number[];
  /** What a regression gives. */ readonly numbers?: readonly number[];
};

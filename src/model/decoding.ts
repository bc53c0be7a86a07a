/**
 * How a model's words are searched for, when its utterances end, and where its words lie in time: all that was chosen for
 * a model rather than trained, stored in its `config.json`.
 */

/** Decoding's knobs. Chosen on development data with the weights; a stream may override `EndpointingChoice` only. */
export type DecodingOptions = {
  /** Prefixes that CTC's beam search keeps after each vector; an integer in 1..4096. */
  readonly ctcBeamSize: number;
  /** Hypotheses of CTC, likeliest first, that the second pass scores too; an integer in 1..4096. */
  readonly ctcCandidates: number;
  /** Share of CTC in the joint score of the second pass, 0..1; the attention decoder has the rest. */
  readonly ctcWeight: number;
  /** Hypotheses that the attention decoder's beam search keeps after each label; an integer in 1..4096. */
  readonly attentionBeamSize: number;
  /** Exponent alpha of the length penalty `((5 + length) / 6)^alpha` of the attention decoder's beam search, 0..2; 0 is none. */
  readonly lengthExponent: number;
  /**
   * The label that asks for what the memory holds: an utterance of it alone is written by the attention decoder, which sees the whole stream then.
   * Where there is one, CTC writes all other utterances by itself. Default none: the decoder sees the utterance, and helps to write each.
   */
  readonly recall?: string | undefined;
  readonly endpointing: EndpointingOptions;
  readonly wordTimes: WordTimeOptions;
  readonly confidence: ConfidenceOptions;
};

/** How the share that the search gives a word becomes the probability that it is right: `sigmoid(scale * logit(share) + shift)`. */
export type ConfidenceOptions = {
  /** Below 1 the search is too sure, 0..10; 1 takes its share as it is. */
  readonly scale: number;
  /** What is added to the logit, -10..10. */
  readonly shift: number;
};

/** The endpointing options that a stream may choose for itself. */
export type EndpointingChoice = {
  /** Silence after the end of the last word that ends an utterance, 100..10,000 ms. */
  readonly pauseMs: number;
  /** A vector carries a label where the blank is less probable, 0..1. */
  readonly blankThreshold: number;
};

/** When an utterance begins and ends. */
export type EndpointingOptions = EndpointingChoice & {
  /** Sound of this length begins an utterance, 0..10,000 ms. */
  readonly onsetMs: number;
  /** Audio before the onset that still belongs to the utterance, 0..10,000 ms. */
  readonly preRollMs: number;
  /** Longest delay from a word's end to the vector in which CTC emits its label, 0..1,000 ms. */
  readonly latestLabelMs: number;
  /** An utterance of this length ends at the next short pause, 1,000..120,000 ms. */
  readonly longUtteranceMs: number;
  /** No utterance is longer than this, 1,000..120,000 ms: it bounds what a stream holds. */
  readonly longestUtteranceMs: number;
  /** Silence appended after a stream's last sample, so that its last word is spelled, 0..5,000 ms. */
  readonly closingSilenceMs: number;
  /** Least level of sound above the background, in natural-log energy, 0.1..10; 1 is 4.3 dB. */
  readonly loudMargin: number;
  /**
   * Lowest level that the background is taken to have, natural-log energy, -20..20; -9 is white noise of about -62
   * dBFS.
   */
  readonly quietestBackground: number;
};

/** Where a word's sound lies around the vector in which CTC emitted its label. */
export type WordTimeOptions = {
  /** Longest time from a word's start to its label, 0.04..10 s. */
  readonly longestBeforeSeconds: number;
  /** Longest time from a word's label to its end, 0..10 s. */
  readonly longestAfterSeconds: number;
  /** The median of the log-normal prior of a word's length, 0.01..10 s. */
  readonly typicalLengthSeconds: number;
  /** Standard deviation of the natural logarithm of a word's length, 0.01..10. */
  readonly lengthDeviation: number;
  /** Standard deviation of the distance of a word's end from its label, 0.001..10 s. */
  readonly emissionDeviationSeconds: number;
};

/**
 * Decoding of models that say nothing of it. These never change: folders written before the field existed rely on them.
 *
 * Chosen for codes-en on human-dev: a share of CTC of 0.7 makes the fewest errors of 0.6 to 0.9 over letters and digits (clean, and in
 * white noise, music and babble at 10 dB), though they differ little; digits of one number are rarely more than half a
 * second apart; training followed words with silence as long as the closing one.
 */
export const DEFAULT_DECODING: DecodingOptions = {
  ctcBeamSize: 16,
  ctcCandidates: 8,
  ctcWeight: 0.7,
  attentionBeamSize: 8,
  lengthExponent: 0.6,
  endpointing: {
    pauseMs: 950,
    blankThreshold: 0.5,
    onsetMs: 120,
    preRollMs: 400,
    latestLabelMs: 240,
    longUtteranceMs: 15_000,
    longestUtteranceMs: 30_000,
    closingSilenceMs: 350,
    loudMargin: 1,
    quietestBackground: -9,
  },
  wordTimes: {
    longestBeforeSeconds: 1.2,
    longestAfterSeconds: 0.6,
    typicalLengthSeconds: 0.38,
    lengthDeviation: 0.5,
    emissionDeviationSeconds: 0.15,
  },
  confidence: { scale: 1, shift: 0 },
};

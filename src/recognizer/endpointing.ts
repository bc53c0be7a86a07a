/**
 * Cuts a stream of vectors into utterances, one vector at a time: an utterance starts when the sound rises above the
 * background or the model hears a label, and ends by `EndpointRule`s. What it returns depends on the vectors alone, not on
 * when or in which chunks they came.
 */
import { assertNumber, HearkenError } from '../errors.ts';
import type { EndpointingOptions } from '../model/decoding.ts';

export type EndpointerOptions = EndpointingOptions & {
  /** Milliseconds from one vector to the next, 1 to 1000. */
  readonly vectorMs: number;
  /** Any one ends an utterance; see `endpointRulesOf`. */
  readonly rules: readonly EndpointRule[];
};

/** Facts about one vector that the endpointing rules use. */
export type EndpointVector = {
  /** Mean of its log-mel energies before normalisation. */
  readonly energy: number;
  /** Probability of the CTC blank, 0 to 1. */
  readonly blankProbability: number;
  /** Whether the search holds any word in the utterance that is under way; ignored outside one. */
  readonly hasWords: boolean;
  /**
   * Vectors since the last word in the utterance ended, this one among them; asked only where a rule is about to fire. Where
   * absent, loudness and labels alone tell.
   */
  readonly sinceWord?: () => number;
  /** Rules that hold at this vector in place of the endpointer's; see `assertEndpointRules`. */
  readonly rules?: readonly EndpointRule[] | undefined;
};

export type EndpointDecision = 'none' | 'start' | 'end';

/** An utterance in vectors, counted from the start of the stream: the half-open span `[start, end)`. */
export type UtteranceSpan = {
  readonly start: number;
  /** Index of the vector after the utterance's last; absent while it is under way. */
  readonly end?: number;
  /** Rule that ended the utterance; `end` where the stream ended. */
  readonly reason?: EndpointRule['reason'] | 'end';
};

/** Plain data that survives JSON exactly. */
export type EndpointerState = {
  /** Vectors heard. */
  readonly vectorCount: number;
  readonly loudness?: LoudnessState;
  /** Vectors since the last silent one. */
  readonly loudRun: number;
  /**
   * Vectors since the last word seems to have ended: since the last loud vector, but no more than labels come late before
   * the last that carried a label.
   */
  readonly silentRun: number;
  /** Vectors since the last that carried a label. */
  readonly blankRun: number;
  /** No utterance may start before this vector: what was before belongs to others. */
  readonly settled: number;
  /** The utterance under way or the last one. */
  readonly utterance?: UtteranceSpan;
};

export type Endpointer = {
  /**
   * Takes the next vector. Throws `endpoint/vector` if `energy` is not finite or `blankProbability` is not a
   * probability.
   */
  push(vector: EndpointVector): EndpointDecision;
  /** The stream has ended: ends an utterance that is under way. */
  finish(): EndpointDecision;
  /** An utterance that has just ended goes on: another begins with the next vector, whatever it sounds like. */
  goOn(): void;
  /** The utterance under way, else the last one. */
  utterance(): UtteranceSpan | undefined;
  snapshot(): EndpointerState;
};

/** The memory of what is quiet and loud: a step up of the background is believed after 8 * 320 ms. */
const LOUDNESS_PART_MS = 320;
const LOUDNESS_PART_COUNT = 8;

/** Loud is also at least this share of the way up to the loudest: a babble far below the speaker is background. */
const LOUD_SHARE = 0.5;

/** Opens an endpointer at the start of a stream, or goes on from a snapshot. Throws `option/out-of-range`. */
export function createEndpointer(options: EndpointerOptions, start?: EndpointerState): Endpointer {
  const settings = resolve(options);
  let state = start ?? { vectorCount: 0, loudRun: 0, silentRun: 0, blankRun: 0, settled: 0 };
  return {
    push: (vector) => {
      assertVector(vector);
      state = listen(state, vector, settings);
      const next = isUnderWay(state) ? endByRule(state, vector, settings) : begin(state, settings);
      const decision = next === state ? 'none' : isUnderWay(next) ? 'start' : 'end';
      state = next;
      return decision;
    },
    finish: () => {
      if (!isUnderWay(state)) return 'none';
      state = end(state, 'end', state.vectorCount);
      return 'end';
    },
    goOn: () => {
      state = { ...state, utterance: { start: state.vectorCount } };
    },
    utterance: () => state.utterance,
    snapshot: () => state,
  };
}

/** Options with their defaults; `onset`, `preRoll` and `latestLabel` in vectors. */
type Settings = Pick<
  EndpointerOptions,
  'vectorMs' | 'rules' | 'loudMargin' | 'quietestBackground' | 'blankThreshold'
> & {
  readonly onset: number;
  readonly preRoll: number;
  readonly latestLabel: number;
};

function resolve(options: EndpointerOptions): Settings {
  const { vectorMs, rules, loudMargin, quietestBackground, blankThreshold } = options;
  const { onsetMs, preRollMs, latestLabelMs } = options;
  assertNumber('vectorMs', vectorMs, 1, 1000);
  assertEndpointRules(rules);
  assertNumber('loudMargin', loudMargin, 0.1, 10);
  assertNumber('quietestBackground', quietestBackground, -20, 20);
  assertNumber('blankThreshold', blankThreshold, 0, 1);
  assertNumber('onsetMs', onsetMs, 0, 10_000);
  assertNumber('preRollMs', preRollMs, 0, 10_000);
  assertNumber('latestLabelMs', latestLabelMs, 0, 1_000);
  return {
    vectorMs,
    rules,
    loudMargin,
    quietestBackground,
    blankThreshold,
    onset: Math.max(1, Math.ceil(onsetMs / vectorMs)),
    preRoll: Math.ceil(preRollMs / vectorMs),
    latestLabel: Math.floor(latestLabelMs / vectorMs),
  };
}

/** Counts the vector: how long it has been loud, silent, blank. */
function listen(
  state: EndpointerState,
  { energy, blankProbability }: EndpointVector,
  settings: Settings,
): EndpointerState {
  const loudness = trackLoudness(state.loudness, energy, {
    partLength: Math.max(1, Math.round(LOUDNESS_PART_MS / settings.vectorMs)),
    partCount: LOUDNESS_PART_COUNT,
  });
  const { quiet, loud } = loudnessRange(loudness);
  const background = Math.max(quiet, settings.quietestBackground);
  const isLoud = energy > background + Math.max(settings.loudMargin, LOUD_SHARE * (loud - background));
  const hasLabel = blankProbability < settings.blankThreshold;
  // A label may come when its word is over, and silence is counted from the end of the word.
  const silent = hasLabel ? Math.min(state.silentRun + 1, settings.latestLabel) : state.silentRun + 1;
  return {
    ...state,
    vectorCount: state.vectorCount + 1,
    loudness,
    loudRun: isLoud ? state.loudRun + 1 : 0,
    silentRun: isLoud ? 0 : silent,
    blankRun: hasLabel ? 0 : state.blankRun + 1,
  };
}

/** The state with an utterance begun, or the same state. */
function begin(state: EndpointerState, { onset, preRoll }: Settings): EndpointerState {
  const hasLabel = state.blankRun === 0;
  if (!hasLabel && state.loudRun < onset) return state;
  const soundSince = state.vectorCount - Math.max(1, state.loudRun);
  return { ...state, utterance: { start: Math.max(state.settled, soundSince - preRoll) } };
}

/** The state with the utterance ended, or the same state. */
function endByRule(
  state: EndpointerState,
  { hasWords, sinceWord, rules }: EndpointVector,
  { rules: usual, vectorMs, preRoll }: Settings,
): EndpointerState {
  const length = state.vectorCount - (state.utterance?.start ?? 0);
  const ruleAfter = (silent: number) =>
    findEndpointRule(rules ?? usual, {
      hasWords,
      trailingSilenceMs: Math.min(silent, length) * vectorMs,
      trailingBlankMs: Math.min(state.blankRun, length) * vectorMs,
      utteranceMs: length * vectorMs,
    });
  const byLoudness = ruleAfter(state.silentRun);
  // A word may end in sound that is not loud.
  const rule = byLoudness && hasWords && sinceWord ? ruleAfter(Math.min(state.silentRun, sinceWord())) : byLoudness;
  if (!rule) return state;
  // What follows a wordless utterance may reach back into it: its first word may have begun there.
  return end(state, rule.reason, hasWords ? state.vectorCount : Math.max(state.settled, state.vectorCount - preRoll));
}

function end(state: EndpointerState, reason: NonNullable<UtteranceSpan['reason']>, settled: number): EndpointerState {
  return { ...state, settled, utterance: { start: state.utterance?.start ?? 0, end: state.vectorCount, reason } };
}

function isUnderWay({ utterance }: EndpointerState): boolean {
  return utterance !== undefined && utterance.end === undefined;
}

function assertVector({ energy, blankProbability }: EndpointVector): void {
  // Rounding may carry a probability slightly past 1.
  if (!Number.isFinite(energy) || !(blankProbability >= 0 && blankProbability <= 1.001)) {
    throw new HearkenError(
      'endpoint/vector',
      `Expected a finite \`energy\` and a \`blankProbability\` in 0..1, got ${energy} and ${blankProbability}`,
    );
  }
}

/*
 * When an utterance is over: rules in the manner of Kaldi's online decoding (`online-endpoint.h`), any one of which
 * suffices.
 */

/** `silence`: after words; `quiet`: no words came; `length`: it grew too long. */
type EndpointRuleReason = 'silence' | 'quiet' | 'length';

/** The rule fires when all of its conditions hold. Times in milliseconds, 0 to 3,600,000. */
export type EndpointRule = {
  readonly reason: EndpointRuleReason;
  /** Whether words must have been heard in the utterance; default false. */
  readonly mustContainWords?: boolean;
  /** No vector was loud, and no word that a label told of sounded, for this long; default 0. */
  readonly minTrailingSilenceMs?: number;
  /** No vector carried a label for this long, however loud it was; default 0. */
  readonly minTrailingBlankMs?: number;
  /** The utterance is this long; default 0. */
  readonly minUtteranceMs?: number;
};

/** The figures of the utterance under way that the rules look at. */
type UtteranceProgress = {
  readonly hasWords: boolean;
  readonly trailingSilenceMs: number;
  readonly trailingBlankMs: number;
  readonly utteranceMs: number;
};

/**
 * Rules by which a pause ends an utterance. Music or a running engine does not hold it open, and one that grows long
 * ends at the next short pause, or when it is the longest. Throws `option/out-of-range`.
 */
export function endpointRulesOf({
  pauseMs,
  latestLabelMs,
  longUtteranceMs,
  longestUtteranceMs,
}: Pick<
  EndpointingOptions,
  'pauseMs' | 'latestLabelMs' | 'longUtteranceMs' | 'longestUtteranceMs'
>): readonly EndpointRule[] {
  assertNumber('pauseMs', pauseMs, 100, 10_000);
  // These hold with words as well: a longer pause must not end by them.
  const quietMs = Math.max(1000, pauseMs + 50);
  return [
    {
      reason: 'silence',
      mustContainWords: true,
      minTrailingSilenceMs: pauseMs,
      minTrailingBlankMs: Math.max(100, pauseMs - latestLabelMs),
    },
    { reason: 'silence', mustContainWords: true, minTrailingBlankMs: pauseMs + 550 },
    { reason: 'quiet', minTrailingSilenceMs: quietMs, minTrailingBlankMs: quietMs },
    { reason: 'quiet', minTrailingBlankMs: Math.max(5000, pauseMs + 550) },
    { reason: 'length', minTrailingSilenceMs: 160, minTrailingBlankMs: 160, minUtteranceMs: longUtteranceMs },
    { reason: 'length', minUtteranceMs: longestUtteranceMs },
  ];
}

/** The first rule that fires. */
export function findEndpointRule(
  rules: readonly EndpointRule[],
  progress: UtteranceProgress,
): EndpointRule | undefined {
  return rules.find(
    ({ mustContainWords = false, minTrailingSilenceMs = 0, minTrailingBlankMs = 0, minUtteranceMs = 0 }) =>
      (progress.hasWords || !mustContainWords) &&
      progress.trailingSilenceMs >= minTrailingSilenceMs &&
      progress.trailingBlankMs >= minTrailingBlankMs &&
      progress.utteranceMs >= minUtteranceMs,
  );
}

/**
 * Throws `option/out-of-range`, naming the rule, where a rule is out of range or has no time at all and would fire at
 * once.
 */
export function assertEndpointRules(rules: readonly EndpointRule[]): void {
  for (const [index, rule] of rules.entries()) {
    const times = { minTrailingSilenceMs: 0, minTrailingBlankMs: 0, minUtteranceMs: 0, ...rule };
    const { minTrailingSilenceMs, minTrailingBlankMs, minUtteranceMs } = times;
    for (const [name, value] of Object.entries({ minTrailingSilenceMs, minTrailingBlankMs, minUtteranceMs })) {
      assertNumber(`rules[${index}].${name}`, value, 0, 3_600_000);
    }
    const longest = Math.max(minTrailingSilenceMs, minTrailingBlankMs, minUtteranceMs);
    assertNumber(`longest time of rules[${index}]`, longest, 1, 3_600_000);
  }
}

/**
 * How quiet and how loud it was lately: the extremes of the smoothed energy of the last few seconds. The smallest is the
 * background, since between words, and even within them, speech falls back to the noise.
 *
 * Reference: Martin, 2001, "Noise power spectral density estimation based on optimal smoothing and minimum statistics",
 * section III, with a constant smoothing and one band
 */

/** Plain data; energies as natural logarithms. */
export type LoudnessState = {
  readonly smoothed: number;
  /** Extremes of the completed parts of the memory, oldest first, then those of the part in progress. */
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
  /** Vectors in the part in progress. */
  readonly filled: number;
};

type LoudnessMemory = {
  /** Vectors in one part of the memory, at least 1. */
  readonly partLength: number;
  /** Parts remembered, at least 1: a rise of the noise is believed after `partLength * partCount` vectors. */
  readonly partCount: number;
};

/** Weight of the past in the smoothed energy: one odd vector must not become an extreme. */
const SMOOTHING = 0.6;

/** The state after one more vector of log energy `energy`; without a state, after the first. */
export function trackLoudness(
  state: LoudnessState | undefined,
  energy: number,
  { partLength, partCount }: LoudnessMemory,
): LoudnessState {
  if (state === undefined) return { smoothed: energy, minima: [energy], maxima: [energy], filled: 1 };
  const smoothed = SMOOTHING * state.smoothed + (1 - SMOOTHING) * energy;
  if (state.filled >= partLength) {
    const minima = [...state.minima, smoothed].slice(-partCount);
    const maxima = [...state.maxima, smoothed].slice(-partCount);
    return { smoothed, minima, maxima, filled: 1 };
  }
  const minima = [...state.minima.slice(0, -1), Math.min(state.minima.at(-1) ?? smoothed, smoothed)];
  const maxima = [...state.maxima.slice(0, -1), Math.max(state.maxima.at(-1) ?? smoothed, smoothed)];
  return { smoothed, minima, maxima, filled: state.filled + 1 };
}

/** Log energies of the background and of the loudest sound remembered. */
export function loudnessRange({ minima, maxima }: LoudnessState): { quiet: number; loud: number } {
  return { quiet: Math.min(...minima), loud: Math.max(...maxima) };
}

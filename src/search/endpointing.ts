/**
 * Cuts a stream of vectors into utterances, one vector at a time: an utterance starts when the sound rises above the
 * background or the model hears a label, and ends by `EndpointRule`s. What it returns depends on the vectors alone, not on
 * when or in which chunks they came.
 */
import { assertNumber, HearkenError } from '../errors.ts';
import {
  assertEndpointRules,
  DEFAULT_ENDPOINT_RULES,
  DEFAULT_ENDPOINTING,
  type EndpointRule,
  findEndpointRule,
  LATEST_LABEL_MS,
} from './endpoint-rules.ts';
import { type LoudnessState, loudnessRange, QUIETEST_BACKGROUND, trackLoudness } from './loudness-range.ts';

export type EndpointerOptions = {
  /** Milliseconds from one vector to the next, 1 to 1000. */
  readonly vectorMs: number;
  /** Any one ends an utterance; default `DEFAULT_ENDPOINT_RULES`. */
  readonly rules?: readonly EndpointRule[];
  /** Loud is at least this much above the background, in natural-log energy, 0.1 to 10; default 1, which is 4.3 dB. */
  readonly loudMargin?: number;
  /** The background is never taken to be quieter, natural-log energy, -20 to 20; default `QUIETEST_BACKGROUND`, -9. */
  readonly quietestBackground?: number;
  /** A vector carries a label where the blank is less probable, 0 to 1; default 0.5. */
  readonly blankThreshold?: number;
  /** An utterance starts when sound was loud for this long, 0 to 10,000 ms; default 120. */
  readonly onsetMs?: number;
  /** How much before that still belongs to it, 0 to 10,000 ms; default 400, since CTC labels come late. */
  readonly preRollMs?: number;
};

/** What is known of one vector when it was encoded. */
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
};

export type EndpointDecision = 'none' | 'start' | 'end';

/** An utterance in vectors, counted from the start of the stream: the half-open span `[start, end)`. */
export type Utterance = {
  readonly start: number;
  /** Absent while it is under way. */
  readonly end?: number;
  /** Why it ended; `end`: the stream did. */
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
  readonly utterance?: Utterance;
};

export type Endpointer = {
  /** Throws `endpoint/vector` if `energy` is not finite or `blankProbability` is not a probability. */
  push(vector: EndpointVector): EndpointDecision;
  /** The stream has ended: ends an utterance that is under way. */
  finish(): EndpointDecision;
  /** The utterance under way, else the last one. */
  utterance(): Utterance | undefined;
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
    utterance: () => state.utterance,
    snapshot: () => state,
  };
}

/** Options with their defaults; `onset`, `preRoll` and `latestLabel` in vectors. */
type Settings = Required<Omit<EndpointerOptions, 'onsetMs' | 'preRollMs'>> & {
  readonly onset: number;
  readonly preRoll: number;
  readonly latestLabel: number;
};

function resolve(options: EndpointerOptions): Settings {
  const {
    vectorMs,
    rules = DEFAULT_ENDPOINT_RULES,
    loudMargin = 1,
    quietestBackground = QUIETEST_BACKGROUND,
  } = options;
  const { blankThreshold = DEFAULT_ENDPOINTING.blankThreshold, onsetMs = 120, preRollMs = 400 } = options;
  assertNumber('vectorMs', vectorMs, 1, 1000);
  assertEndpointRules(rules);
  assertNumber('loudMargin', loudMargin, 0.1, 10);
  assertNumber('quietestBackground', quietestBackground, -20, 20);
  assertNumber('blankThreshold', blankThreshold, 0, 1);
  assertNumber('onsetMs', onsetMs, 0, 10_000);
  assertNumber('preRollMs', preRollMs, 0, 10_000);
  return {
    vectorMs,
    rules,
    loudMargin,
    quietestBackground,
    blankThreshold,
    onset: Math.max(1, Math.ceil(onsetMs / vectorMs)),
    preRoll: Math.ceil(preRollMs / vectorMs),
    latestLabel: Math.floor(LATEST_LABEL_MS / vectorMs),
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
  const heardSince = state.vectorCount - Math.max(1, state.loudRun);
  return { ...state, utterance: { start: Math.max(state.settled, heardSince - preRoll) } };
}

/** The state with the utterance ended, or the same state. */
function endByRule(
  state: EndpointerState,
  { hasWords, sinceWord }: EndpointVector,
  { rules, vectorMs, preRoll }: Settings,
): EndpointerState {
  const length = state.vectorCount - (state.utterance?.start ?? 0);
  const ruleAfter = (silent: number) =>
    findEndpointRule(rules, {
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

function end(state: EndpointerState, reason: NonNullable<Utterance['reason']>, settled: number): EndpointerState {
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

/**
 * When an utterance is over: rules in the manner of Kaldi's online decoding (`online-endpoint.h`), any one of which
 * suffices.
 */
import { assertNumber } from '../errors.ts';

/** `silence`: after words; `quiet`: no words came; `length`: it grew too long. */
export type EndpointRuleReason = 'silence' | 'quiet' | 'length';

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

/** What the rules look at. */
export type UtteranceProgress = {
  readonly hasWords: boolean;
  readonly trailingSilenceMs: number;
  readonly trailingBlankMs: number;
  readonly utteranceMs: number;
};

/** What of its endpointing a stream may choose. */
export type EndpointingChoice = {
  /** Silence after the end of the last word that ends an utterance, 100 to 10,000 ms. */
  readonly pauseMs: number;
  /** A vector carries a label where the blank is less probable, 0 to 1. */
  readonly blankThreshold: number;
};

/** For codes said aloud: digits of one number are rarely more than half a second apart. */
export const DEFAULT_ENDPOINTING: EndpointingChoice = { pauseMs: 950, blankThreshold: 0.5 };

/** CTC emits a word's label so late after the word's end at most. */
export const LATEST_LABEL_MS = 240;

/**
 * Rules by which a pause ends an utterance. Music or a running engine does not hold it open, and one that grows long
 * ends at the next short pause, or at 30 s. Throws `option/out-of-range`.
 */
export function endpointRulesOf(pauseMs: number): readonly EndpointRule[] {
  assertNumber('pauseMs', pauseMs, 100, 10_000);
  // These hold with words as well: a longer pause must not end by them.
  const quietMs = Math.max(1000, pauseMs + 50);
  return [
    {
      reason: 'silence',
      mustContainWords: true,
      minTrailingSilenceMs: pauseMs,
      minTrailingBlankMs: Math.max(100, pauseMs - LATEST_LABEL_MS),
    },
    { reason: 'silence', mustContainWords: true, minTrailingBlankMs: pauseMs + 550 },
    { reason: 'quiet', minTrailingSilenceMs: quietMs, minTrailingBlankMs: quietMs },
    { reason: 'quiet', minTrailingBlankMs: Math.max(5000, pauseMs + 550) },
    { reason: 'length', minTrailingSilenceMs: 160, minTrailingBlankMs: 160, minUtteranceMs: 15_000 },
    { reason: 'length', minUtteranceMs: 30_000 },
  ];
}

export const DEFAULT_ENDPOINT_RULES: readonly EndpointRule[] = endpointRulesOf(DEFAULT_ENDPOINTING.pauseMs);

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

/** Throws `option/out-of-range` naming the rule, also for a rule without any time, which would fire at once. */
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

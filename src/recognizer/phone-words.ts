/** Words that were heard by their phones: where they lie, and how sure they are. */
import { alignLabels } from '../ctc/alignment.ts';
import { logSum, type LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import { writtenParts } from '../grammar/best-way.ts';
import type { PhoneGrammar } from '../grammar/phone-grammar.ts';
import type { Word } from '../text/word.ts';
import { type CodeAlternative, rankCodes } from './code-alternatives.ts';

/** Hypotheses by which the words of the best are judged. */
const JUDGES = 16;
/** What else an utterance may have been: the answer among them. */
const ALTERNATIVES = 5;

type HeardPhones = {
  /** Log-probabilities of phones of the utterance, `[n, phones + 1]`. */ readonly rows: LogProbabilityRows;
  /** Phones that were heard. */ readonly labels: readonly number[];
  /** The hypotheses that they were chosen from, best first. */ readonly hypotheses: readonly Hypothesis[];
};

/** A word as it is written, with the places of the first and the last of its phones. */
export type SpelledWord = { readonly word: string; readonly first: number; readonly last: number };

/** The words that `labels` spell, as far as they are whole. */
export function spelledWords({ automaton }: PhoneGrammar, labels: readonly number[]): SpelledWord[] {
  return writtenParts(automaton, labels).map(({ written, first, last }) => ({ word: written.trim(), first, last }));
}

/**
 * The words that `labels` spell as far as they are whole, from the first vector of their first phone to the last of their last one, in seconds from
 * `startSeconds`. A word is as sure as the hypotheses that have it in the same place are likely together.
 */
export function wordsOfPhones(
  grammar: PhoneGrammar,
  { rows, labels, hypotheses }: HeardPhones,
  { startSeconds, secondsPerVector }: { readonly startSeconds: number; readonly secondsPerVector: number },
): Word[] {
  const spelled = spelledWords(grammar, labels);
  if (spelled.length === 0) return [];
  const aligned = alignLabels(rows, labels).labels;
  const judges = hypotheses.slice(0, JUDGES);
  const judged = judges.map((each) => spelledWords(grammar, each.labels));
  const total = logSum(judges.map(({ logProbability }) => logProbability));
  return spelled.map(({ word, first, last }, place) => {
    const alike = judges.filter((_, judge) => judged[judge]![place]?.word === word); // one for each
    const likely = Math.exp(logSum(alike.map(({ logProbability }) => logProbability)) - total);
    return {
      word,
      start: startSeconds + aligned[first]!.first * secondsPerVector, // phones of `labels`
      end: startSeconds + (aligned[last]!.last + 1) * secondsPerVector,
      confidence: Number.isFinite(likely) ? Math.min(1, likely) : 1,
    };
  });
}

/**
 * What an utterance of phrases may have been, each by the sum of its ways to be said: the likeliest first, whole phrases alone. Nothing where what was heard
 * is no whole phrase.
 */
export function rankPhrases({ walk }: PhoneGrammar, hypotheses: readonly Hypothesis[]): CodeAlternative[] {
  const view = { walk, isValid: () => true, alternatives: ALTERNATIVES, margin: Number.POSITIVE_INFINITY };
  return rankCodes(view, hypotheses)
    .filter(({ complete }) => complete)
    .map((each) => ({ ...each, written: each.written.trim() }));
}

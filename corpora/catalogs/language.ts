/**
 * Which of two languages a text is in, by groups of three letters: learned from the pairs themselves, of which few are wrong.
 * Reference: Cavnar and Trenkle, 1994, "N-gram-based text categorization"; here as naive Bayes.
 */
import type { Pair } from './pairs.ts';

/** Letters below which a text tells nothing about its language. */
const LEAST_LETTERS = 12;
/** Pairs that are learned from, spread evenly over all: enough, and quick. */
const LEARNED_PAIRS = 30_000;

/** How much better `text` fits the second language, in nats a group of letters: below 0 it fits the first. */
export type LanguageOdds = (text: string) => number;

export function learnLanguages(pairs: readonly Pair[]): LanguageOdds {
  const [first, second] = [new Map<string, number>(), new Map<string, number>()];
  const step = Math.ceil(pairs.length / LEARNED_PAIRS);
  for (let index = 0; index < pairs.length; index += step) {
    for (const group of groupsOf(pairs[index]!.source)) first.set(group, (first.get(group) ?? 0) + 1);
    for (const group of groupsOf(pairs[index]!.target)) second.set(group, (second.get(group) ?? 0) + 1);
  }
  const kinds = new Set([...first.keys(), ...second.keys()]);
  const [firstTotal, secondTotal] = [first, second].map((counts) => kinds.size + sum(counts.values()));
  const oddsOf = (group: string) =>
    Math.log(((second.get(group) ?? 0) + 1) / secondTotal!) - Math.log(((first.get(group) ?? 0) + 1) / firstTotal!);
  const odds = new Map(Array.from(kinds, (group) => [group, oddsOf(group)]));
  const unseen = Math.log(firstTotal! / secondTotal!);
  return (text) => {
    const groups = groupsOf(text);
    return groups.length === 0 ? 0 : sum(groups.map((group) => odds.get(group) ?? unseen)) / groups.length;
  };
}

/** Whether the source is in the first language and the target in the second, as far as they are long enough to tell. */
export function areTheirLanguages({ source, target }: Pair, odds: LanguageOdds): boolean {
  return (isTooShort(source) || odds(source) < 0) && (isTooShort(target) || odds(target) > 0);
}

function isTooShort(text: string): boolean {
  return lettersOf(text).length < LEAST_LETTERS;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}]+/gu, ' ');
}

function groupsOf(text: string): string[] {
  const letters = ` ${lettersOf(text).trim()} `;
  return Array.from({ length: Math.max(0, letters.length - 2) }, (_, at) => letters.slice(at, at + 3));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

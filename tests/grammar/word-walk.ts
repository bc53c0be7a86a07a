import { compileRules } from '../../src/grammar/compile-rules.ts';
import type { RuleSet } from '../../src/grammar/expansion.ts';
import { walkOf } from '../../src/grammar/walk.ts';

/** Hears `rules` in a vocabulary of whatever words are asked for: what each sentence is written as, the likeliest first. */
export function hearing(rules: RuleSet): (sentence: string) => string[] {
  return (sentence) => weighedReadings(rules)(sentence).map(({ written }) => written);
}

/** As `hearing`, with weights. */
export function weighedReadings(rules: RuleSet): (sentence: string) => { written: string; weight: number }[] {
  const labels = new Map<string, number>();
  const labelOf = (word: string): number => {
    const label = labels.get(word.toLowerCase()) ?? labels.size + 1;
    labels.set(word.toLowerCase(), label);
    return label;
  };
  const walk = walkOf(compileRules(rules, labelOf));
  return (sentence) =>
    walk
      .readings(sentence.split(' ').filter(Boolean).map(labelOf), 100)
      .flatMap(({ written, weight, complete }) => (complete ? [{ written, weight }] : []));
}

/** From a message to pairs of what is said in English and in German. */
import type { Message } from './message-file.ts';
import { paragraphsOf, withoutKeyMarks, withoutMarkup } from './plain-text.ts';
import { numberPlaceholdersOfPair } from './placeholders.ts';

export type Pair = { readonly source: string; readonly target: string };

/** Why a pair is left out. */
export type Refusal = 'untranslated' | 'placeholders' | 'letters' | 'length' | 'ratio' | 'code' | 'plural forms';

/** The longest text, in characters. */
const LONGEST = 250;
/** Share of letters among what is no white space. */
const LEAST_LETTERS = 0.6;
/** One side at most so many times as long as the other, each with `SLACK` characters more. */
const LARGEST_RATIO = 2;
const SLACK = 12;

/** The pairs of `message`, or for each one that is left out the reason. */
export function pairsOf({ sources, targets }: Message): (Pair | Refusal)[] {
  if (sources.length > 1 && targets.length !== 2) return ['plural forms']; // German has two
  return targets.flatMap((target, form) => pairsOfForm(sources[Math.min(form, sources.length - 1)]!, target));
}

function pairsOfForm(message: string, translation: string): (Pair | Refusal)[] {
  if (translation === '') return ['untranslated'];
  const plain = [withoutScript(message), withoutScript(translation)].map(withoutMarkup);
  const [source, target] = withoutKeyMarks(plain[0]!, plain[1]!);
  const numbered = numberPlaceholdersOfPair(source, target);
  if (numbered === undefined) return ['placeholders'];
  return paragraphsOf(numbered[0], numbered[1]).map(([from, to]) => judged({ source: from, target: to }));
}

/** KDE: what stands behind is a program. */
function withoutScript(text: string): string {
  return text.split('|/|')[0]!;
}

function judged(pair: Pair): Pair | Refusal {
  const { source, target } = pair;
  if (source.toLowerCase() === target.toLowerCase()) return 'untranslated';
  if ([source, target].some((text) => text.length > LONGEST)) return 'length';
  if ([source, target].some((text) => /[\p{Cc}\uFFFD\\]|__|[a-z][A-Z]\w*\(|;$|\|\||={2}/u.test(text))) return 'code';
  if ([source, target].some((text) => shareOfLetters(text) < LEAST_LETTERS)) return 'letters';
  if (!/[a-z]{2}/u.test(source) || /[^\p{Script=Latin}\p{Script=Common}]/u.test(source + target)) return 'letters';
  const [shorter, longer] = [source.length, target.length].toSorted((a, b) => a - b);
  if (longer! > LARGEST_RATIO * shorter! + SLACK) return 'ratio';
  if (numbersOf(source) !== numbersOf(target)) return 'placeholders'; // a paragraph that has those of another one
  return pair;
}

function shareOfLetters(text: string): number {
  const shown = text.replaceAll(/\s|\{\d+\}/gu, '');
  return shown === '' ? 0 : shown.replaceAll(/\P{L}+/gu, '').length / shown.length;
}

function numbersOf(text: string): string {
  return text.includes('{') ? (text.match(/\{\d+\}/gu) ?? []).toSorted().join(' ') : '';
}

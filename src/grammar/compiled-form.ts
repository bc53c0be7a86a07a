/** From a form to the walk that searches follow; what was compiled of late is kept, since the streams of a service use few forms. */
import { knownWords, resolveGrammar, type Vocabulary } from '../text/vocabulary.ts';
import { type BoostedPhrase, boostedWalk } from './boosts.ts';
import { compilePattern } from './compile-pattern.ts';
import { compileRules, type LabelOf } from './compile-rules.ts';
import type { RuleSet } from './expansion.ts';
import { ANSWER_FIELDS, type BoostForm, type CodeForm, type GrammarForm } from './grammar-form.ts';
import { parseGrxml } from './grxml.ts';
import { parseJsgf } from './jsgf.ts';
import { checkedPhrases, type Phrase, rulesOfPhrases, writtenPhrase } from './phrases.ts';
import { speakingOf } from './speaking.ts';
import { type GrammarWalk, walkOf } from './walk.ts';

/** What a form is compiled to, whatever is asked of the answer. */
type CompiledForm = {
  readonly name: string;
  readonly walk: GrammarWalk;
  readonly unspoken: readonly string[];
  readonly unknownWords: readonly string[];
  /** Least posterior, 0..1, of what is written; 0 where it has none. */ readonly thresholds: ReadonlyMap<
    string,
    number
  >;
};

/** Forms of a vocabulary that are kept, those that were used last. */
const MOST_KEPT = 64;

const kept = new WeakMap<Vocabulary, Map<string, CompiledForm>>();

/** `form` for a model of this vocabulary and language. Throws as `codeGrammar` does, but for the fields of the answer. */
export function compiledForm(vocabulary: Vocabulary, language: string, form: GrammarForm): CompiledForm {
  const forms = kept.get(vocabulary) ?? new Map<string, CompiledForm>();
  kept.set(vocabulary, forms);
  const said = Object.entries(form).filter(([name]) => !ANSWER_FIELDS.some((field) => field === name));
  const key = JSON.stringify([language, said]);
  const compiled = forms.get(key) ?? compile(vocabulary, language, form);
  forms.delete(key);
  forms.set(key, compiled);
  const [oldest] = forms.keys();
  if (forms.size > MOST_KEPT && oldest !== undefined) forms.delete(oldest);
  return compiled;
}

function compile(vocabulary: Vocabulary, language: string, form: GrammarForm): CompiledForm {
  if ('pattern' in form) return ofPattern(vocabulary, language, form);
  if ('boosts' in form) return ofBoosts(vocabulary, form);
  const labelOf = labelsOf(vocabulary);
  if ('jsgf' in form) return ofRules(parseJsgf(form.jsgf), labelOf);
  if ('grxml' in form) return ofRules(parseGrxml(form.grxml), labelOf);
  const phrases = checkedPhrases('phrases', form.phrases, ['phrase', 'boost', 'threshold', 'label']);
  return { ...ofRules(rulesOfPhrases(phrases), labelOf), thresholds: thresholdsOf(phrases) };
}

function ofPattern(vocabulary: Vocabulary, language: string, { pattern, numbers = false }: CodeForm): CompiledForm {
  const { ways, unknownWords } = speakingOf(vocabulary, language, numbers);
  const { automaton, unspoken } = compilePattern(pattern, ways);
  return { name: pattern, walk: walkOf(automaton), unspoken, unknownWords, thresholds: new Map() };
}

function ofRules(rules: RuleSet, labelOf: LabelOf): CompiledForm {
  const walk = walkOf(compileRules(rules, labelOf));
  return { name: rules.name, walk, unspoken: [], unknownWords: [], thresholds: new Map() };
}

/** What a phrase gains that is listed without its boost, in nats. */
const DEFAULT_BOOST = 2;

function ofBoosts(vocabulary: Vocabulary, { boosts, among }: BoostForm): CompiledForm {
  const { words } = resolveGrammar(vocabulary, among);
  const labelOf = labelsOf(vocabulary);
  const unknown = new Set<string>();
  const phrases = checkedPhrases('boosts', boosts, ['phrase', 'boost', 'label']).flatMap(
    ({ phrase, boost = DEFAULT_BOOST, label }): BoostedPhrase[] => {
      const labels = phrase
        .trim()
        .split(/\s+/)
        .map((word) => {
          const id = labelOf(word);
          const known = id !== undefined && words.has(id) ? id : undefined;
          if (known === undefined) unknown.add(word);
          return known;
        });
      return labels.every((id) => id !== undefined) ? [{ labels, boost, label }] : [];
    },
  );
  const walk = boostedWalk(words, phrases);
  return { name: 'boosts', walk, unspoken: [], unknownWords: [...unknown], thresholds: new Map() };
}

/** By what is written; of phrases that write the same, the greatest. */
function thresholdsOf(phrases: readonly Phrase[]): Map<string, number> {
  const thresholds = new Map<string, number>();
  for (const phrase of phrases) {
    if (phrase.threshold === undefined) continue;
    const written = writtenPhrase(phrase);
    thresholds.set(written, Math.max(phrase.threshold, thresholds.get(written) ?? 0));
  }
  return thresholds;
}

function labelsOf(vocabulary: Vocabulary): LabelOf {
  const known = knownWords(vocabulary);
  return (word) => known.get(word.toLowerCase())?.id;
}

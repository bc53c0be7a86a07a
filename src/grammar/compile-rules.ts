/** From rules to the automaton of what they let be said; a rule is written out wherever it is referred to. */
import { HearkenError } from '../errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { shortened } from '../text/shortened.ts';
import { type Automaton, AutomatonBuilder, SILENT } from './automaton.ts';
import type { Expansion, Option, RuleSet } from './expansion.ts';
import { asPhrase, PhraseTree } from './phrase-tree.ts';

/** Id of the label by which a word is heard; `undefined` of a word that the model does not know. */
export type LabelOf = (word: string) => number | undefined;

/**
 * The automaton of what `rules` let be said, from their start. Throws `grammar/unknown-word`; `grammar/rule` where a rule is not there, refers
 * to itself elsewhere than at its end, or repeats a tag without a word; `grammar/too-large`; `grammar/unspoken` where nothing can be said.
 */
export function compileRules(rules: RuleSet, labelOf: LabelOf): Automaton {
  const builder = new AutomatonBuilder();
  const end = builder.addState();
  builder.end(end);
  new RuleCompiler(rules, labelOf, builder).add(rules.start, { from: 0, to: end, isMute: false });
  const automaton = builder.build({ writesWords: true });
  if (automaton.arcs.every((arcs) => arcs.every(({ label }) => label === SILENT))) {
    throw new HearkenError('grammar/unspoken', `Expected a grammar of which something can be said, got ${rules.name}`);
  }
  return automaton;
}

/** Between which states an expansion is built; where it is mute, nothing is written: a tag around it says what is. */
type Span = { readonly from: number; readonly to: number; readonly isMute: boolean };

/** A rule that is being written out, from where to where. */
type OpenRule = Span & { readonly name: string };

/** Adds arcs out of `from` and into `to` only, never into `from` or out of `to`, so that neighbours may share these states. */
class RuleCompiler {
  readonly #rules: RuleSet;
  readonly #labelOf: LabelOf;
  readonly #builder: AutomatonBuilder;
  readonly #open: OpenRule[] = [];

  constructor(rules: RuleSet, labelOf: LabelOf, builder: AutomatonBuilder) {
    this.#rules = rules;
    this.#labelOf = labelOf;
    this.#builder = builder;
  }

  add(expansion: Expansion, span: Span): void {
    switch (expansion.type) {
      case 'word':
        return this.#addArc(span, this.#label(expansion), span.isMute ? '' : expansion.word);
      case 'sequence':
        return this.#addSequence(expansion.parts, span);
      case 'choice':
        return this.#addChoice(expansion.options, span);
      case 'repeat':
        return this.#addRepeat(expansion, span);
      case 'rule':
        return this.#addRule(expansion, span);
      case 'tagged':
        return this.#addTagged(expansion, span);
    }
  }

  #addArc({ from, to }: Omit<Span, 'isMute'>, label: number, written: string, weight = 0): void {
    this.#builder.addArc(from, { label, next: to, weight, written });
  }

  #label({ word, at }: Extract<Expansion, { type: 'word' }>): number {
    const label = this.#labelOf(word);
    if (label !== undefined) return label;
    throw new HearkenError(
      'grammar/unknown-word',
      `Expected a word the model knows, got '${shortened(word)}' (${this.#rules.placeOf(at)})`,
    );
  }

  #addSequence(parts: readonly Expansion[], { from, to, isMute }: Span): void {
    if (parts.length === 0) return this.#addArc({ from, to }, SILENT, '');
    let state = from;
    for (const [index, part] of parts.entries()) {
      const next = index === parts.length - 1 ? to : this.#builder.addState();
      this.add(part, { from: state, to: next, isMute });
      state = next;
    }
  }

  /** Weights count from that of the likeliest option. Phrases share their beginnings. */
  #addChoice(options: readonly Option[], { from, to, isMute }: Span): void {
    const best = options.reduce((greatest, { logWeight }) => Math.max(greatest, logWeight), Number.NEGATIVE_INFINITY);
    if (best === Number.NEGATIVE_INFINITY) return;
    const tree = new PhraseTree();
    for (const { expansion, logWeight } of options) {
      const weight = logWeight - best;
      if (weight === Number.NEGATIVE_INFINITY) continue;
      const phrase = asPhrase(expansion);
      if (phrase !== undefined) {
        const labels = phrase.words.map((word) => this.#label(word));
        tree.add(labels, isMute ? labels.map(() => '') : phrase.written, weight);
      } else if (weight === 0) this.add(expansion, { from, to, isMute });
      else {
        const state = this.#builder.addState();
        this.#addArc({ from, to: state }, SILENT, '', weight);
        this.add(expansion, { from: state, to, isMute });
      }
    }
    tree.addTo(this.#builder, from, to);
  }

  #addRepeat(repeat: Extract<Expansion, { type: 'repeat' }>, { from, to, isMute }: Span): void {
    const { of, min, max, probability, at } = repeat;
    const [goingOn, stopping] = probability === undefined ? [0, 0] : [Math.log(probability), Math.log1p(-probability)];
    if (max === Number.POSITIVE_INFINITY && !isMute && this.#writesInSilence(of)) {
      throw new HearkenError(
        'grammar/rule',
        `Expected what is tagged and repeats without an end to have a word (${this.#rules.placeOf(at)})`,
      );
    }
    let state = this.#builder.addState();
    this.#addArc({ from, to: state }, SILENT, '');
    for (let times = 0; times < min; times++) {
      const next = this.#builder.addState();
      this.add(of, { from: state, to: next, isMute });
      state = next;
    }
    for (let times = min; times < max; times++) {
      if (stopping > Number.NEGATIVE_INFINITY) this.#addArc({ from: state, to }, SILENT, '', stopping);
      if (goingOn === Number.NEGATIVE_INFINITY) return;
      const before = this.#builder.addState();
      this.#addArc({ from: state, to: before }, SILENT, '', goingOn);
      if (max === Number.POSITIVE_INFINITY) return this.add(of, { from: before, to: state, isMute });
      state = this.#builder.addState();
      this.add(of, { from: before, to: state, isMute });
    }
    this.#addArc({ from: state, to }, SILENT, '');
  }

  /** A rule that refers to itself at its own end begins anew there; anywhere else no finite automaton can follow it. */
  #addRule({ name, at }: Extract<Expansion, { type: 'rule' }>, { from, to, isMute }: Span): void {
    const rule = this.#rules.rules.get(name);
    if (rule === undefined) throw this.#unknownRule(name, at);
    const open = this.#open.find((one) => one.name === name);
    if (open === undefined) {
      const start = this.#builder.addState();
      this.#addArc({ from, to: start }, SILENT, '');
      this.#open.push({ name, from: start, to, isMute });
      this.add(rule, { from: start, to, isMute });
      this.#open.pop();
    } else if (open.to === to && open.isMute === isMute) this.#addArc({ from, to: open.from }, SILENT, '');
    else {
      const expected = `Expected <${shortened(name)}> to refer to itself at its end only, without a tag or repeat around it`;
      throw new HearkenError('grammar/rule', `${expected}, got it elsewhere (${this.#rules.placeOf(at)})`);
    }
  }

  #unknownRule(name: string, at: number): HearkenError {
    const known = [...this.#rules.rules.keys()];
    const nearest = nearestName(name, known);
    const expected = `Expected a rule of the grammar (${known.join(', ')}), got <${shortened(name)}> (${this.#rules.placeOf(at)})`;
    return new HearkenError('grammar/rule', nearest === undefined ? expected : `${expected}: did you mean ${nearest}?`);
  }

  #addTagged({ of, tag }: Extract<Expansion, { type: 'tagged' }>, { from, to, isMute }: Span): void {
    if (isMute) return this.add(of, { from, to, isMute });
    if (of.type === 'word') return this.#addArc({ from, to }, this.#label(of), tag);
    const said = this.#builder.addState();
    this.add(of, { from, to: said, isMute: true });
    this.#addArc({ from: said, to }, SILENT, tag);
  }

  /** Whether something may be written while nothing is said, so that repeats of it would be written without an end. */
  #writesInSilence(expansion: Expansion): boolean {
    return this.#hasTag(expansion, new Set()) && this.#maybeEmpty(expansion, new Set());
  }

  #hasTag(expansion: Expansion, visited: Set<string>): boolean {
    if (expansion.type === 'tagged') return true;
    return this.#inside(expansion, visited).some((inner) => this.#hasTag(inner, visited));
  }

  #maybeEmpty(expansion: Expansion, visited: Set<string>): boolean {
    if (expansion.type === 'word') return false;
    if (expansion.type === 'repeat' && expansion.min === 0) return true;
    const inside = this.#inside(expansion, visited);
    if (expansion.type === 'sequence') return inside.every((inner) => this.#maybeEmpty(inner, visited));
    return inside.some((inner) => this.#maybeEmpty(inner, visited));
  }

  /** What an expansion is made of; a rule that was visited is made of nothing more. */
  #inside(expansion: Expansion, visited: Set<string>): readonly Expansion[] {
    if (expansion.type === 'word') return [];
    if (expansion.type === 'sequence') return expansion.parts;
    if (expansion.type === 'choice') return expansion.options.map((option) => option.expansion);
    if (expansion.type !== 'rule') return [expansion.of];
    const rule = visited.has(expansion.name) ? undefined : this.#rules.rules.get(expansion.name);
    visited.add(expansion.name);
    return rule === undefined ? [] : [rule];
  }
}

/**
 * Phrases as a tree of their beginnings: what many of them begin with is one state, so that a thousand are soon built and soon walked. Of a
 * phrase's weight each arc has what is certain by then, so that a search that has heard its first word knows as much.
 *
 * Reference: Mohri, Pereira and Riley, 2002, "Weighted finite-state transducers in speech recognition", Computer Speech and Language
 * 16(1), section 3.4, weight pushing
 */
import type { AutomatonBuilder } from './automaton.ts';
import type { Expansion } from './expansion.ts';

type PhraseWord = Extract<Expansion, { type: 'word' }>;

/** A phrase: its words, at least one, and what is written with each of them. */
export type Phrase = { readonly words: readonly PhraseWord[]; readonly written: readonly string[] };

/** The phrase that `expansion` is, if it is words one after the other, with or without a tag around them. */
export function asPhrase(expansion: Expansion): Phrase | undefined {
  if (expansion.type === 'tagged') {
    const words = wordsOf(expansion.of);
    return words && { words, written: words.map((_, index) => (index === words.length - 1 ? expansion.tag : '')) };
  }
  const words = wordsOf(expansion);
  return words && { words, written: words.map(({ word }) => word) };
}

function wordsOf(expansion: Expansion): readonly PhraseWord[] | undefined {
  if (expansion.type === 'word') return [expansion];
  if (expansion.type !== 'sequence' || expansion.parts.length === 0) return undefined;
  return expansion.parts.every((part) => part.type === 'word') ? expansion.parts : undefined;
}

type Node = {
  /** By label; one that is written otherwise than the first with its label by both. */ readonly children: Map<
    number | string,
    Branch
  >;
  readonly ends: Branch[];
  /** Weight of the likeliest phrase below. */ best: number;
};

type Branch = { readonly label: number; readonly written: string; readonly node: Node };

export class PhraseTree {
  readonly #root: Node = emptyNode();

  /** `weight` is the logarithm of how likely the phrase is, at most 0; `labels` and `written` are as many, and not none. */
  add(labels: readonly number[], written: readonly string[], weight: number): void {
    let node = this.#root;
    for (const [index, label] of labels.entries()) {
      node.best = Math.max(node.best, weight);
      const text = written[index]!; // as many
      if (index === labels.length - 1) {
        node.ends.push({ label, written: text, node: { ...emptyNode(), best: weight } });
        return;
      }
      const known = node.children.get(label);
      const key = known === undefined || known.written === text ? label : `${label} ${text}`;
      let branch = node.children.get(key);
      if (branch === undefined) {
        branch = { label, written: text, node: emptyNode() };
        node.children.set(key, branch);
      }
      ({ node } = branch);
    }
  }

  /** Adds all phrases as ways between two states. */
  addTo(builder: AutomatonBuilder, from: number, to: number): void {
    const open: { readonly node: Node; readonly state: number; readonly weight: number }[] = [
      { node: this.#root, state: from, weight: 0 },
    ];
    for (let top = open.pop(); top !== undefined; top = open.pop()) {
      const { state, weight: given } = top;
      for (const { label, written, node } of top.node.ends) {
        builder.addArc(state, { label, next: to, weight: node.best - given, written });
      }
      for (const { label, written, node } of top.node.children.values()) {
        const next = builder.addState();
        builder.addArc(state, { label, next, weight: node.best - given, written });
        open.push({ node, state: next, weight: node.best });
      }
    }
  }
}

function emptyNode(): Node {
  return { children: new Map(), ends: [], best: Number.NEGATIVE_INFINITY };
}

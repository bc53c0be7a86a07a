/**
 * Words in any order, of which some phrases are likelier than others: each word of a phrase that comes gains its share of the boost, and what was
 * gained is given back where the phrase breaks off. Phrases are found from left to right, the longest first, and do not overlap.
 *
 * References: Aho and Corasick, 1975, "Efficient string matching: an aid to bibliographic search", CACM 18(6); Zhao et al., 2019,
 * "Shallow-fusion end-to-end contextual biasing", Interspeech, section 2.2
 */
import type { GrammarWalk, Steps } from './walk.ts';

/** A phrase as labels, at least one. */
export type BoostedPhrase = {
  readonly labels: readonly number[];
  /** What the whole phrase gains, in nats. */ readonly boost: number;
  /** What is written in its place; default its words. */ readonly label?: string | undefined;
};

/** A beginning of phrases. Node 0 is the empty one. */
type Node = {
  readonly children: Map<number, number>;
  /** The phrase that ends here. */ phrase?: BoostedPhrase;
  /** What the longest phrase has gained for good that this begins with. */ kept: number;
  /** What was gained up to here, with what is kept. */ gained: number;
  /** Where it goes on once no phrase does: what comes of the labels after those kept, or after the first, and what they gain. */
  fallback: { readonly node: number; readonly gained: number };
  /** The most that one more label gains. */ greatest: number;
};

const NOWHERE: Node['fallback'] = { node: 0, gained: 0 };

/** Any of `words` (how each label is written) may follow any other; `phrases` are made of them. */
export function boostedWalk(words: ReadonlyMap<number, string>, phrases: readonly BoostedPhrase[]): GrammarWalk {
  const labels = Int32Array.from(words.keys()).toSorted();
  const nodes = nodesOf(phrases);
  const stepsOf: (Steps | undefined)[] = [];
  const steps = (state: number): Steps =>
    (stepsOf[state] ??= {
      labels,
      next: labels.map((label) => stepTo(nodes, state, label)),
      weights: Float64Array.from(labels, (label) => gainOf(nodes, state, label)),
    });
  return {
    labels,
    start: 0,
    greatest: nodes.reduce((most, { greatest }) => Math.max(most, greatest), 0),
    steps,
    isComplete: () => true,
    isBounded: () => false,
    follow: (said, from = 0) => {
      let [state, weight] = [from, 0];
      for (const label of said) {
        if (!words.has(label)) return undefined;
        weight += gainOf(nodes, state, label);
        state = stepTo(nodes, state, label);
      }
      return { state, weight };
    },
    readings: (said) => [{ ...writtenOf(words, nodes, said), complete: true }],
  };
}

function nodesOf(phrases: readonly BoostedPhrase[]): Node[] {
  const nodes: Node[] = [newNode()];
  for (const phrase of phrases) {
    let at = 0;
    for (const [index, label] of phrase.labels.entries()) {
      const { children } = nodes[at]!;
      let next = children.get(label);
      if (next === undefined) {
        next = nodes.push(newNode()) - 1;
        children.set(label, next);
      }
      at = next;
      const share = (phrase.boost * (index + 1)) / phrase.labels.length;
      nodes[at]!.gained = Math.max(nodes[at]!.gained, share);
    }
    if ((nodes[at]!.phrase?.boost ?? Number.NEGATIVE_INFINITY) < phrase.boost) nodes[at]!.phrase = phrase;
  }
  linkNodes(nodes);
  return nodes;
}

function newNode(): Node {
  return { children: new Map(), kept: 0, gained: 0, fallback: NOWHERE, greatest: 0 };
}

/** From the shortest beginnings to the longest, since each is linked by those that are shorter. */
function linkNodes(nodes: readonly Node[]): void {
  const queue = [0];
  for (const at of queue) {
    const node = nodes[at]!;
    for (const [label, next] of node.children) {
      const child = nodes[next]!;
      const { phrase } = child;
      child.kept = phrase?.boost ?? node.kept;
      child.gained = phrase?.boost ?? Math.max(child.gained, node.kept);
      // What ends a phrase keeps all labels, and what is one label long has none after the first.
      if (phrase === undefined && at !== 0) child.fallback = further(nodes, node.fallback, label);
      queue.push(next);
    }
    const goingOn = Array.from(node.children.values(), (child) => nodes[child]!.gained - node.gained);
    const breakingOff = at === 0 ? 0 : backOff(node) + nodes[node.fallback.node]!.greatest;
    node.greatest = Math.max(breakingOff, ...goingOn);
  }
}

/** `fallback` after one more label. */
function further(nodes: readonly Node[], { node, gained }: Node['fallback'], label: number): Node['fallback'] {
  return { node: stepTo(nodes, node, label), gained: gained + gainOf(nodes, node, label) };
}

/** What is gained where a phrase breaks off, before the next label. */
function backOff({ kept, gained, fallback }: Node): number {
  return kept - gained + fallback.gained;
}

/** The node after one more label. */
function stepTo(nodes: readonly Node[], from: number, label: number): number {
  for (let at = from; ; at = nodes[at]!.fallback.node) {
    const child = nodes[at]!.children.get(label);
    if (child !== undefined) return child;
    if (at === 0) return 0;
  }
}

/** What one more label gains: where its phrase breaks off, what was gained is given back but for what is kept. */
function gainOf(nodes: readonly Node[], from: number, label: number): number {
  const node = nodes[from]!;
  const child = node.children.get(label);
  if (child !== undefined) return nodes[child]!.gained - node.gained;
  return from === 0 ? 0 : backOff(node) + gainOf(nodes, node.fallback.node, label);
}

/** What is written of `said`, with the labels of the phrases in it, and what they gain together. */
function writtenOf(
  words: ReadonlyMap<number, string>,
  nodes: readonly Node[],
  said: readonly number[],
): { readonly written: string; readonly weight: number } {
  const written: string[] = [];
  let weight = 0;
  for (let start = 0; start < said.length; ) {
    const phrase = longestFrom(nodes, said, start);
    const end = start + (phrase?.labels.length ?? 1);
    if (phrase?.label !== undefined) written.push(phrase.label);
    else written.push(...said.slice(start, end).map((label) => words.get(label) ?? ''));
    weight += phrase?.boost ?? 0;
    start = end;
  }
  return { written: written.filter((text) => text !== '').join(' '), weight };
}

function longestFrom(nodes: readonly Node[], said: readonly number[], start: number): BoostedPhrase | undefined {
  let longest: BoostedPhrase | undefined;
  let at: number | undefined = 0;
  for (let index = start; index < said.length; index++) {
    at = nodes[at]!.children.get(said[index]!); // a node, and inside
    if (at === undefined) break;
    longest = nodes[at]!.phrase ?? longest;
  }
  return longest;
}

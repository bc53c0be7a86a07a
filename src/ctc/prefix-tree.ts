/** The label sequences that a prefix beam search has come upon, as a tree over the states of a walk. */
import { HearkenError } from '../errors.ts';
import { type GrammarWalk, indexOfLabel, type Steps } from '../grammar/walk.ts';

/** No node, and no place in the beam. */
export const NOWHERE = -1;

/*
 * Below, every index into a typed array is inside it: nodes come from the tree. Hence `!`.
 */

/** Label sequences that are or were in the beam, each one node however often it comes up. The first nodes are the empty ones, one a start. */
export class PrefixTree {
  count = 0;
  /** Last label of each node, 0 for an empty prefix. */ last: Int32Array = new Int32Array(64);
  /** Node of the prefix without its last label, for each node. */
  parent: Int32Array = new Int32Array(64).fill(NOWHERE);
  /** Place of each node in the beam while a row is taken in; else `NOWHERE`. */
  place: Int32Array = new Int32Array(64).fill(NOWHERE);
  /** State of the walk after each node's labels. */ state: Int32Array = new Int32Array(64);
  /** What each node's last label adds to its log-probability by the grammar. */ weight: Float64Array =
    new Float64Array(64);
  readonly #walk: GrammarWalk;
  #firstChild = new Int32Array(64).fill(NOWHERE);
  #nextSibling = new Int32Array(64).fill(NOWHERE);
  /** Labels of each node, made when they are asked for. */ readonly #labels: (readonly number[] | undefined)[] = [];
  /** Empty prefixes there are. */ readonly rootCount: number;

  constructor(walk: GrammarWalk, starts: readonly number[]) {
    this.#walk = walk;
    this.rootCount = starts.length;
    for (const start of starts) {
      if (this.count === this.last.length) this.#grow();
      this.last[this.count] = 0;
      this.parent[this.count] = NOWHERE;
      this.state[this.count++] = start;
    }
  }

  /** Whether `node` is an empty prefix. */
  isRoot(node: number): boolean {
    return node < this.rootCount;
  }

  /** Number of the start that the labels of `node` follow. */
  rootOf(node: number): number {
    let one = node;
    while (!this.isRoot(one)) one = this.parent[one]!;
    return one;
  }

  /** Labels that may be said in any state. */
  get labels(): Int32Array {
    return this.#walk.labels;
  }

  /** The most that the grammar adds for one label. */
  get greatest(): number {
    return this.#walk.greatest;
  }

  /** The labels that may follow those of `node`. */
  stepsFrom(node: number): Steps {
    return this.#walk.steps(this.state[node]!);
  }

  /** The node of `node`'s sequence and `label` more, `NOWHERE` if there is none yet. */
  find(node: number, label: number): number {
    let child = this.#firstChild[node]!;
    while (child !== NOWHERE && this.last[child]! !== label) child = this.#nextSibling[child]!;
    return child;
  }

  /** The node of the prefix and one label more, which is made where it is not there. Throws `search/label` if it may not follow. */
  extend(node: number, label: number): number {
    const known = this.find(node, label);
    if (known !== NOWHERE) return known;
    const steps = this.stepsFrom(node);
    const step = indexOfLabel(steps.labels, label);
    if (step < 0) throw notAllowed(label, this.labelsOf(node));
    if (this.count === this.last.length) this.#grow();
    const made = this.count++;
    this.last[made] = label;
    this.parent[made] = node;
    this.state[made] = steps.next[step]!;
    this.weight[made] = steps.weights[step]!;
    this.#nextSibling[made] = this.#firstChild[node]!;
    this.#firstChild[node] = made;
    return made;
  }

  labelsOf(node: number): readonly number[] {
    const known = this.#labels[node];
    if (known !== undefined) return known;
    const labels: number[] = [];
    for (let one = node; !this.isRoot(one); one = this.parent[one]!) labels.push(this.last[one]!);
    const inOrder = labels.toReversed();
    this.#labels[node] = inOrder;
    return inOrder;
  }

  #grow(): void {
    const grown = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(2 * array.length).fill(NOWHERE);
      larger.set(array);
      return larger;
    };
    this.last = grown(this.last);
    this.parent = grown(this.parent);
    this.place = grown(this.place);
    this.state = grown(this.state);
    const weight = new Float64Array(2 * this.weight.length);
    weight.set(this.weight);
    this.weight = weight;
    this.#firstChild = grown(this.#firstChild);
    this.#nextSibling = grown(this.#nextSibling);
  }
}

function notAllowed(label: number, labels: readonly number[]): HearkenError {
  const after = labels.length === 0 ? 'at the start' : `after ${labels.join(', ')}`;
  return new HearkenError('search/label', `Expected a label that the grammar allows ${after}, got ${label}`);
}

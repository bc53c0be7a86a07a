/**
 * A weighted finite automaton over a model's labels, with what is written beside each arc: the one form of whatever says
 * what may be said. It need not be deterministic, since one sound may be written in several ways: `GrammarWalk` follows all of them.
 *
 * Reference: Mohri, Pereira and Riley, 2002, "Weighted finite-state transducers in speech recognition", Computer Speech
 * and Language 16(1), sections 2.1 and 2.2
 */
import { HearkenError } from '../errors.ts';

/** The label of an arc along which nothing is said; model labels begin at 1. */
export const SILENT = 0;

export type Arc = {
  /** Id of the label that is said, or `SILENT`. */ readonly label: number;
  /** State after it. */ readonly next: number;
  /** Logarithm of how likely it is to be said so, at most 0. */ readonly weight: number;
  /** What is then written; of a way of speaking of several words only the last writes. */ readonly written: string;
};

/** States are numbered from 0, which is where every walk begins. */
export type Automaton = {
  /** Arcs that leave each state. */ readonly arcs: readonly (readonly Arc[])[];
  /** Whether what was said may end in each state. */ readonly isFinal: readonly boolean[];
  /**
   * Whether what arcs write is words, with a space between them, but for single characters that follow each other: "4" and "7" are 47.
   * Where it is not, as in codes, everything is written as it stands.
   */
  readonly writesWords: boolean;
};

/** States and arcs of the largest automaton: some 25 MB, and a fraction of a second to be built. */
const MOST_STATES = 250_000;
const MOST_ARCS = 1_000_000;

/** Builds an automaton state by state, arc by arc. State 0 is there from the beginning. */
export class AutomatonBuilder {
  readonly #arcs: Arc[][] = [[]];
  readonly #isFinal: boolean[] = [false];
  #arcCount = 0;

  /** A new state. Throws `grammar/too-large`. */
  addState(): number {
    if (this.#arcs.length === MOST_STATES) throw tooLarge('states', MOST_STATES);
    this.#isFinal.push(false);
    return this.#arcs.push([]) - 1;
  }

  end(state: number): void {
    this.#isFinal[state] = true;
  }

  /** Throws `grammar/too-large`. */
  addArc(state: number, arc: Arc): void {
    if (this.#arcCount++ === MOST_ARCS) throw tooLarge('arcs', MOST_ARCS);
    this.#arcs[state]!.push(arc); // states come from `addState`
  }

  /** A way from `state` to `next` on which `labels` are said, one after the other, and `written` is written. */
  addWay(state: number, next: number, way: Way): void {
    const { labels, written, weight } = way;
    if (labels.length === 0) return this.addArc(state, { label: SILENT, next, weight, written });
    let from = state;
    for (const [index, label] of labels.entries()) {
      const isLast = index === labels.length - 1;
      const to = isLast ? next : this.addState();
      this.addArc(from, { label, next: to, weight: index === 0 ? weight : 0, written: isLast ? written : '' });
      from = to;
    }
  }

  /** The automaton without the states from which no end can be reached; state 0 stays in any case. */
  build({ writesWords = false }: Partial<Pick<Automaton, 'writesWords'>> = {}): Automaton {
    const reaches = this.#reachingAnEnd();
    const isKept = (state: number): boolean => state === 0 || reaches[state] === 1;
    if (reaches.every((_, state) => isKept(state))) {
      return { arcs: this.#arcs, isFinal: this.#isFinal, writesWords };
    }
    const kept = [...this.#arcs.keys()].filter(isKept);
    const renumbered = new Map(kept.map((state, index) => [state, index]));
    return {
      arcs: kept.map((state) =>
        this.#arcs[state]!.flatMap((arc): Arc[] => {
          const next = reaches[arc.next] === 1 ? renumbered.get(arc.next) : undefined;
          return next === undefined ? [] : [{ ...arc, next }];
        }),
      ),
      isFinal: kept.map((state) => this.#isFinal[state] === true),
      writesWords,
    };
  }

  /** 1 for each state from which an end can be reached. Arcs into each state are a list in two arrays: its first, and the next of each. */
  #reachingAnEnd(): Uint8Array {
    const first = new Int32Array(this.#arcs.length).fill(-1);
    const following = new Int32Array(this.#arcCount);
    const from = new Int32Array(this.#arcCount);
    let count = 0;
    for (const [state, arcs] of this.#arcs.entries()) {
      for (const { next } of arcs) {
        from[count] = state;
        following[count] = first[next]!;
        first[next] = count++;
      }
    }
    const reaches = Uint8Array.from(this.#isFinal, Number);
    const open = [...this.#isFinal.keys()].filter((state) => this.#isFinal[state]);
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (let arc = first[state]!; arc >= 0; arc = following[arc]!) {
        const earlier = from[arc]!;
        if (reaches[earlier] === 1) continue;
        reaches[earlier] = 1;
        open.push(earlier);
      }
    }
    return reaches;
  }
}

/** How something that is written may be said. */
export type Way = {
  readonly written: string;
  /** Labels in the order in which they are said; none where it may go unsaid. */ readonly labels: readonly number[];
  /** Logarithm of how likely it is to be said so, at most 0. */ readonly weight: number;
};

/** Whether no state can be come back to: what may be said is never longer than some length. */
export function isAcyclic({ arcs }: Automaton): boolean {
  const incoming = new Int32Array(arcs.length);
  for (const some of arcs) for (const { next } of some) incoming[next]!++;
  const open = [...incoming.keys()].filter((state) => incoming[state] === 0);
  let taken = 0;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    taken++;
    for (const { next } of arcs[state]!) if (--incoming[next]! === 0) open.push(next); // Kahn, 1962: what is left is in a circle
  }
  return taken === arcs.length;
}

/** Any of `labels`, in any order, any number of times: what a list of words allows. */
export function anyOrder(labels: Iterable<number>): Automaton {
  return {
    arcs: [Array.from(labels, (label) => ({ label, next: 0, weight: 0, written: '' }))],
    isFinal: [true],
    writesWords: false,
  };
}

function tooLarge(what: string, most: number): HearkenError {
  return new HearkenError('grammar/too-large', `Expected a grammar of at most ${most} ${what}, got more`);
}

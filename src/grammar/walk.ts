/**
 * Walks through an automaton label by label. What is searched are label sequences, and one sequence may stand for several
 * ways through the automaton: so a state of a walk is the set of all states where they lead, each with how much less likely
 * its best way is than the best of all. The sets are made when they are first come to.
 *
 * A walk's state is a function of the labels alone: whoever keeps the labels can find it again.
 *
 * Reference: Mohri, Pereira and Riley, 2002, "Weighted finite-state transducers in speech recognition", Computer Speech and
 * Language 16(1), section 3.3, weighted determinization in the tropical semiring
 */
import { type Arc, type Automaton, anyOrder, isAcyclic, SILENT } from './automaton.ts';

/** Where each label leads from a state. */
export type Steps = {
  /** Ascending. */ readonly labels: Int32Array;
  /** State after each label. */ readonly next: Int32Array;
  /** What each label adds to the log-probability of the best way; at most `greatest` of the walk. */ readonly weights: Float64Array;
};

/** Something that a label sequence may be written as. */
export type Reading = {
  readonly written: string;
  /** Log-weight of the ways by which it is said so, at most 0 where labels only take away. */ readonly weight: number;
  /** Whether it may end here. */ readonly complete: boolean;
};

export type GrammarWalk = {
  /** All labels that the automaton knows, ascending. */ readonly labels: Int32Array;
  /** The state before the first label. */ readonly start: number;
  /** The most that a label adds to a log-probability; 0 where labels only take away. */ readonly greatest: number;
  readonly steps: (state: number) => Steps;
  /** Whether what was said may end in `state`. */ readonly isComplete: (state: number) => boolean;
  /** Whether what may be said is never longer than some length. */ readonly isBounded: () => boolean;
  /** State after `labels` and the log-weight of their best way, from state `from`, default the start; `undefined` where they cannot be said. */
  readonly follow: (
    labels: readonly number[],
    from?: number,
  ) => { readonly state: number; readonly weight: number } | undefined;
  /**
   * At most `most` things that `labels` may be written as, the likeliest first: those that are complete where there are such,
   * else what stands there so far.
   */
  readonly readings: (labels: readonly number[], most: number) => Reading[];
};

/**
 * A way that is less likely than the best by more than this many nats is left out: the sets stay finite, whatever the
 * weights, and it takes 144 symbols said in their rarer way to come there.
 */
const LEAST_RESIDUAL = -100;

/** States of the automaton with the log-weight of their best way, less that of the best of all. */
type WeightedStates = ReadonlyMap<number, number>;

/** Begins at the automaton's state 0. */
export function walkOf(automaton: Automaton): GrammarWalk {
  const sets: WeightedStates[] = [];
  const idOf = new Map<string, number>();
  const stepsOf: (Steps | undefined)[] = [];
  const isCompleteOf: (boolean | undefined)[] = [];
  let isBounded: boolean | undefined;
  const intern = (set: WeightedStates): number => {
    const key = keyOf(set);
    const known = idOf.get(key);
    if (known !== undefined) return known;
    const id = sets.push(set) - 1;
    idOf.set(key, id);
    return id;
  };
  const steps = (state: number): Steps => (stepsOf[state] ??= stepsFrom(automaton, sets[state]!, intern)); // interned
  const start = intern(closed(automaton, new Map([[0, 0]])));
  const follow: GrammarWalk['follow'] = (labels, from = start) => {
    let state = from;
    let weight = 0;
    for (const label of labels) {
      const found = indexOfLabel(steps(state).labels, label);
      if (found < 0) return undefined;
      weight += steps(state).weights[found]!;
      state = steps(state).next[found]!;
    }
    return { state, weight };
  };
  return {
    labels: labelsOf(automaton),
    start,
    greatest: 0,
    steps,
    isComplete: (state) => (isCompleteOf[state] ??= [...sets[state]!.keys()].some((one) => automaton.isFinal[one])),
    isBounded: () => (isBounded ??= isAcyclic(automaton)),
    follow,
    readings: (labels, most) => readingsOf(automaton, labels, most),
  };
}

/** Walks where any of `labels` may follow any other. */
export function walkInAnyOrder(labels: readonly number[]): GrammarWalk {
  return walkOf(anyOrder(labels));
}

/** Place of `label` in ascending `labels`; negative where it is not there. */
export function indexOfLabel(labels: Int32Array, label: number): number {
  let low = 0;
  let high = labels.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = labels[middle]!;
    if (found === label) return middle;
    if (found < label) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function labelsOf({ arcs }: Automaton): Int32Array {
  const labels = new Set<number>();
  for (const some of arcs) for (const { label } of some) if (label !== SILENT) labels.add(label);
  return Int32Array.from(labels).toSorted();
}

/** Weights that differ by less than rounding are the same. */
function keyOf(set: WeightedStates): string {
  const parts = Array.from(set, ([state, weight]) => [state, Math.round(weight * 1e6)] as const);
  return parts
    .toSorted(([a], [b]) => a - b)
    .flat()
    .join();
}

function stepsFrom(automaton: Automaton, set: WeightedStates, intern: (set: WeightedStates) => number): Steps {
  const targets = new Map<number, Map<number, number>>();
  for (const [state, weight] of set) {
    for (const arc of automaton.arcs[state]!) {
      if (arc.label === SILENT) continue;
      const target = targets.get(arc.label) ?? new Map<number, number>();
      targets.set(arc.label, target);
      raise(target, arc, weight);
    }
  }
  const labels = Int32Array.from(targets.keys()).toSorted();
  const next = new Int32Array(labels.length);
  const weights = new Float64Array(labels.length);
  for (const [index, label] of labels.entries()) {
    const target = targets.get(label)!; // one for each label
    const best = Math.max(...target.values());
    weights[index] = best;
    next[index] = intern(closed(automaton, new Map(Array.from(target, ([state, weight]) => [state, weight - best]))));
  }
  return { labels, next, weights };
}

/** Notes the way over `arc`, if it is the best to where it leads; says whether it is. */
function raise(target: Map<number, number>, { next, weight }: Arc, before: number): boolean {
  const through = before + weight;
  const known = target.get(next);
  if (through < LEAST_RESIDUAL || (known !== undefined && known >= through)) return false;
  target.set(next, through);
  return true;
}

/** `set` and the states that are come to without a word. */
function closed(automaton: Automaton, set: Map<number, number>): WeightedStates {
  const open = [...set.keys()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const arc of automaton.arcs[state]!) {
      if (arc.label === SILENT && raise(set, arc, set.get(state)!)) open.push(arc.next);
    }
  }
  return set;
}

type Text = {
  readonly written: string;
  readonly weight: number;
  /** Whether what was written last is a single character. */ readonly endsInSymbol: boolean;
};

/** Texts that are written on the way to a state, the likeliest first, with their weights. */
type Texts = Text[];

/** The k best texts by dynamic programming over the states: of one text only its best way counts. */
function readingsOf(automaton: Automaton, labels: readonly number[], most: number): Reading[] {
  let reached = new Map<number, Texts>([[0, [{ written: '', weight: 0, endsInSymbol: false }]]]);
  closeTexts(automaton, reached, most);
  for (const label of labels) {
    const next = new Map<number, Texts>();
    for (const [state, texts] of reached) {
      for (const arc of automaton.arcs[state]!) {
        if (arc.label === label) for (const text of texts) offer(next, arc, extended(automaton, text, arc), most);
      }
    }
    closeTexts(automaton, next, most);
    reached = next;
  }
  const complete = [...reached].filter(([state]) => automaton.isFinal[state]);
  const ends = complete.length > 0 ? complete : [...reached];
  const best = new Map<string, Reading>();
  for (const { written, weight } of ends.flatMap(([, texts]) => texts)) {
    const known = best.get(written);
    if (known === undefined || known.weight < weight) {
      best.set(written, { written, weight, complete: complete.length > 0 });
    }
  }
  return [...best.values()].toSorted((a, b) => b.weight - a.weight).slice(0, most);
}

function closeTexts(automaton: Automaton, reached: Map<number, Texts>, most: number): void {
  const open = [...reached.keys()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const arc of automaton.arcs[state]!) {
      if (arc.label !== SILENT) continue;
      // A copy: an arc may lead back to where it came from.
      const texts = [...reached.get(state)!];
      const isBetter = texts.map((text) => offer(reached, arc, extended(automaton, text, arc), most)).includes(true);
      if (isBetter) open.push(arc.next);
    }
  }
}

/** The text that goes on over `arc`. */
function extended({ writesWords }: Automaton, text: Text, { written, weight }: Arc): Text {
  if (written === '') return { ...text, weight: text.weight + weight };
  const isSymbol = written.length === 1;
  const isApart = writesWords && text.written !== '' && !(isSymbol && text.endsInSymbol);
  return {
    written: `${text.written}${isApart ? ' ' : ''}${written}`,
    weight: text.weight + weight,
    endsInSymbol: isSymbol,
  };
}

/** Adds `text` to those of the state that `arc` leads to, if it is one of the `most` best there; says whether it is. */
function offer(reached: Map<number, Texts>, { next }: Arc, text: Text, most: number): boolean {
  const texts = reached.get(next) ?? [];
  const same = texts.findIndex(({ written }) => written === text.written);
  if (same >= 0 && texts[same]!.weight >= text.weight) return false;
  if (same >= 0) texts.splice(same, 1);
  const worse = texts.findIndex(({ weight }) => weight < text.weight);
  const place = worse < 0 ? texts.length : worse;
  if (place >= most) return false;
  texts.splice(place, 0, text);
  texts.length = Math.min(texts.length, most);
  reached.set(next, texts);
  return true;
}

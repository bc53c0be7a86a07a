/**
 * CTC prefix beam search: the likeliest label sequences so far, each scored over all its paths that survive the beam.
 * Incremental: rows come as they are computed, and the result does not depend on how they are grouped. What may be said is a walk
 * through an automaton: since its state follows from the labels, each prefix has one, and states of a beam need not hold it.
 *
 * Reference: Graves and Jaitly, 2014, "Towards end-to-end speech recognition with recurrent neural networks",
 * algorithm 1, without the transition model; Hannun et al., 2014, https://arxiv.org/abs/1408.2873
 */
import { assertInteger, HearkenError } from '../errors.ts';
import { type GrammarWalk, walkInAnyOrder } from '../grammar/walk.ts';
import { logAdd } from './log-probabilities.ts';
import { allowedLabels, assertLabels, countRows, type LogProbabilityRows } from './log-probabilities.ts';
import { NOWHERE, PrefixTree } from './prefix-tree.ts';

export type PrefixBeamOptions = {
  /** Labels of the model, without the blank; at least 1. */
  readonly labelCount: number;
  /** Prefixes kept after each row, 1 to 4096. */
  readonly beamSize: number;
  /** Ids of the labels that may be said, in any order; default all. */
  readonly allowed?: readonly number[];
  /** What may be said, in place of `allowed`; its weights are added to the log-probabilities. */
  readonly walk?: GrammarWalk | undefined;
  /** Where in `walk` what is searched begins, in place of its start: at least one, all different. */
  readonly starts?: readonly PrefixBeamStart[] | undefined;
};

/** A place in a walk at which a search begins, and how likely it is that what was said before has led there. */
export type PrefixBeamStart = { /** State of the walk. */ readonly state: number; readonly logProbability: number };

/** A label sequence and its log-probability, with the weight that a grammar gives it. */
export type Hypothesis = { readonly labels: readonly number[]; readonly logProbability: number };

/** A hypothesis of a search that has `starts`: its labels are those after start number `start`, whose log-probability its own includes. */
export type StartedHypothesis = Hypothesis & { readonly start?: number };

/** Where the prefixes of a beam stand in what may be said: shares of their probability, 0 to 1. */
export type BeamStanding = {
  /** Of prefixes that may be all that is said. */ readonly complete: number;
  /** Of those among them that nothing may follow. */ readonly full: number;
};

/** State of a beam between two rows: plain data that survives JSON exactly (`null` is the log of 0). */
export type PrefixBeamState = {
  /** Best first. */
  readonly prefixes: readonly {
    readonly labels: readonly number[];
    /** Number of the start that they follow; absent for the first. */
    readonly start?: number;
    /** Log-probability of the paths that end in a blank. */
    readonly blank: number | null;
    /** Log-probability of the paths that end in the last label. */
    readonly label: number | null;
  }[];
};

export type PrefixBeam = {
  /** Advances by `[n, labelCount + 1]` rows. Throws `search/rows`. */
  push(rows: LogProbabilityRows): void;
  /** The n-best list, best first; its first entry is the partial result. Never empty unless all rows were impossible. */
  hypotheses(): StartedHypothesis[];
  /** The labels of the best hypothesis. */
  best(): readonly number[];
  /** Where the hypotheses stand in what may be said. */
  standing(): BeamStanding;
  snapshot(): PrefixBeamState;
};

/** Begins a search, or goes on from a snapshot that was taken under the same options. Throws `search/label`. */
export function createPrefixBeam(options: PrefixBeamOptions, state?: PrefixBeamState): PrefixBeam {
  const { labelCount, beamSize } = options;
  assertInteger('labelCount', labelCount, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('beamSize', beamSize, 1, 4096);
  const walk = options.walk ?? walkInAnyOrder(allowedLabels(labelCount, options.allowed));
  assertLabels('walk.labels', walk.labels, labelCount);
  const { starts = [{ state: walk.start, logProbability: 0 }] } = options;
  const tree = new PrefixTree(
    walk,
    starts.map(({ state: begun }) => begun),
  );
  let now = new Beam(beamSize);
  let next = new Beam(beamSize);
  if (state === undefined) {
    const begun = Array.from(starts, ({ logProbability }, root) => ({ root, logProbability }));
    for (const { root, logProbability } of begun.toSorted((a, b) => b.logProbability - a.logProbability)) {
      if (now.count < beamSize) now.add(root, logProbability, Number.NEGATIVE_INFINITY);
    }
  } else restore(state, labelCount, tree, now);
  const ranking = new Ranking(beamSize);
  return {
    push: (rows) => {
      const { width, data } = rows;
      if (width !== labelCount + 1) {
        throw new HearkenError('search/rows', `Expected rows of width ${labelCount + 1}, got ${width}`);
      }
      const rowCount = countRows(rows);
      for (let row = 0; row < rowCount; row++) {
        advance(tree, now, { data, start: row * width }, ranking);
        ranking.moveTo(next, tree);
        [now, next] = [next, now];
      }
    },
    hypotheses: () => {
      const found: StartedHypothesis[] = [];
      for (let place = 0; place < now.count; place++) {
        const node = now.nodes[place]!;
        const start = options.starts && { start: tree.rootOf(node) };
        found.push({ labels: tree.labelsOf(node), logProbability: now.total[place]!, ...start });
      }
      return found;
    },
    standing: () => {
      let [all, complete, full] = [0, 0, 0];
      for (let place = 0; place < now.count; place++) {
        const share = Math.exp(now.total[place]! - now.total[0]!);
        const reached = tree.state[now.nodes[place]!]!;
        all += share;
        if (!walk.isComplete(reached)) continue;
        complete += share;
        if (walk.steps(reached).labels.length === 0) full += share;
      }
      return { complete: all > 0 ? complete / all : 0, full: all > 0 ? full / all : 0 };
    },
    best: () => (now.count === 0 ? [] : tree.labelsOf(now.nodes[0]!)),
    snapshot: () => ({ prefixes: snapshot(tree, now) }),
  };
}

/*
 * Below, every index into a typed array is inside it: places are less than `count`, nodes come from the tree, and labels
 * were checked. Hence `!`.
 */

/** Prefixes, best first, with the log-probabilities of `PrefixBeamState` and their sum. */
class Beam {
  count = 0;
  readonly nodes: Int32Array;
  readonly blank: Float64Array;
  readonly label: Float64Array;
  readonly total: Float64Array;

  constructor(size: number) {
    this.nodes = new Int32Array(size);
    this.blank = new Float64Array(size);
    this.label = new Float64Array(size);
    this.total = new Float64Array(size);
  }

  add(node: number, blank: number, label: number, total: number = logAdd(blank, label)): void {
    this.nodes[this.count] = node;
    this.blank[this.count] = blank;
    this.label[this.count] = label;
    this.total[this.count] = total;
    this.count++;
  }
}

/**
 * The likeliest of the prefixes that a row may lead to, best first, at most the beam's size; among equals the one of
 * lower order. What is offered is not built before it is known to stay.
 */
class Ranking {
  /** Score that a prefix must surpass, once the beam is full. */ worst: number = Number.NEGATIVE_INFINITY;
  readonly #size: number;
  #count = 0;
  /** Slots of the fields below, best first. */ readonly #ranked: Int32Array;
  readonly #order: Float64Array;
  readonly #node: Int32Array;
  /** Label by which the node is extended; 0 where it stays. */ readonly #added: Int32Array;
  readonly #blank: Float64Array;
  readonly #label: Float64Array;
  readonly #total: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#ranked = new Int32Array(size);
    this.#order = new Float64Array(size);
    this.#node = new Int32Array(size);
    this.#added = new Int32Array(size);
    this.#blank = new Float64Array(size);
    this.#label = new Float64Array(size);
    this.#total = new Float64Array(size);
  }

  /** Whether a prefix of that log-probability and order would be kept. */
  accepts(total: number, order: number): boolean {
    if (this.#count < this.#size) return total > Number.NEGATIVE_INFINITY;
    return total > this.worst || (total === this.worst && order < this.#order[this.#lastSlot()]!);
  }

  /** Keeps what `accepts` said it would. */
  keep(order: number, node: number, added: number, blank: number, label: number, total: number): void {
    const slot = this.#count < this.#size ? this.#count++ : this.#lastSlot();
    let rank = this.#count - 1;
    for (; rank > 0; rank--) {
      const above = this.#ranked[rank - 1]!;
      const other = this.#total[above]!;
      if (other > total || (other === total && this.#order[above]! < order)) break;
      this.#ranked[rank] = above;
    }
    this.#ranked[rank] = slot;
    this.#order[slot] = order;
    this.#node[slot] = node;
    this.#added[slot] = added;
    this.#blank[slot] = blank;
    this.#label[slot] = label;
    this.#total[slot] = total;
    if (this.#count === this.#size) this.worst = this.#total[this.#lastSlot()]!;
  }

  /** Fills `beam` with the ranked prefixes and is empty again. */
  moveTo(beam: Beam, tree: PrefixTree): void {
    beam.count = 0;
    for (let rank = 0; rank < this.#count; rank++) {
      const slot = this.#ranked[rank]!;
      const added = this.#added[slot]!;
      const node = this.#node[slot]!;
      const built = added === 0 ? node : tree.extend(node, added);
      beam.add(built, this.#blank[slot]!, this.#label[slot]!, this.#total[slot]);
    }
    this.#count = 0;
    this.worst = Number.NEGATIVE_INFINITY;
  }

  #lastSlot(): number {
    return this.#ranked[this.#count - 1]!;
  }
}

/** A row of log-probabilities: `data[start]` is the blank's. */
type Row = { readonly data: Float32Array | Float64Array; readonly start: number };

/**
 * One row: every prefix stays or is extended by one label, and `ranking` takes the likeliest of all. Those that stay come
 * first, so that most extensions are seen to be too unlikely at a glance; which of them are kept does not depend on it.
 */
function advance(tree: PrefixTree, beam: Beam, row: Row, ranking: Ranking): void {
  for (let place = 0; place < beam.count; place++) tree.place[beam.nodes[place]!] = place;
  const step = tree.labels.length + 1;
  for (let place = 0; place < beam.count; place++) stay(tree, beam, place, row, ranking, place * step);
  const likeliest = likeliestOf(tree.labels, row) + tree.greatest;
  for (let place = 0; place < beam.count; place++) {
    // No label can lift this prefix into the beam, nor those after it, which are less likely.
    if (beam.total[place]! + likeliest < ranking.worst) break;
    extend(tree, beam, place, row, ranking, place * step + 1);
  }
  for (let place = 0; place < beam.count; place++) tree.place[beam.nodes[place]!] = NOWHERE;
}

/**
 * Scores the same labels after one more row: a blank, the last label again, or that label for the first time after its
 * parent.
 */
function stay(tree: PrefixTree, beam: Beam, place: number, row: Row, ranking: Ranking, order: number): void {
  const node = beam.nodes[place]!;
  const blank = beam.total[place]! + row.data[row.start]!;
  let label = Number.NEGATIVE_INFINITY;
  if (!tree.isRoot(node)) {
    const last = tree.last[node]!;
    label = beam.label[place]! + row.data[row.start + last]!;
    const parent = tree.place[tree.parent[node]!]!;
    if (parent !== NOWHERE) {
      label = logAdd(label, extension(tree, beam, parent, last) + tree.weight[node]! + row.data[row.start + last]!);
    }
  }
  const total = logAdd(blank, label);
  if (ranking.accepts(total, order)) ranking.keep(order, node, 0, blank, label, total);
}

/** The prefix followed by each label that may follow it. */
function extend(tree: PrefixTree, beam: Beam, place: number, row: Row, ranking: Ranking, firstOrder: number): void {
  const node = beam.nodes[place]!;
  const { labels, weights } = tree.stepsFrom(node);
  for (let index = 0; index < labels.length; index++) {
    const added = labels[index]!;
    const label = extension(tree, beam, place, added) + weights[index]! + row.data[row.start + added]!;
    if (!ranking.accepts(label, firstOrder + index)) continue;
    const known = tree.find(node, added);
    // What spells another prefix of the beam was counted when that one stayed.
    if (known !== NOWHERE && tree.place[known]! !== NOWHERE) continue;
    ranking.keep(firstOrder + index, node, added, Number.NEGATIVE_INFINITY, label, label);
  }
}

/** Log-probability of the paths of a prefix that `added` may follow: the same label twice needs a blank between. */
function extension(tree: PrefixTree, beam: Beam, place: number, added: number): number {
  return (added === tree.last[beam.nodes[place]!]! ? beam.blank : beam.total)[place]!;
}

function likeliestOf(allowed: Int32Array, { data, start }: Row): number {
  let likeliest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < allowed.length; index++) {
    const logProbability = data[start + allowed[index]!]!;
    if (logProbability > likeliest) likeliest = logProbability;
  }
  return likeliest;
}

function restore(state: PrefixBeamState, labelCount: number, tree: PrefixTree, beam: Beam): void {
  for (const { labels, start = 0, blank, label } of state.prefixes.slice(0, beam.nodes.length)) {
    assertLabels('state.prefixes.labels', labels, labelCount);
    assertInteger('state.prefixes.start', start, 0, tree.rootCount - 1);
    let node = start;
    for (const one of labels) node = tree.extend(node, one);
    beam.add(node, blank ?? Number.NEGATIVE_INFINITY, label ?? Number.NEGATIVE_INFINITY);
  }
}

function snapshot(tree: PrefixTree, beam: Beam): PrefixBeamState['prefixes'][number][] {
  return Array.from({ length: beam.count }, (_, place) => ({
    labels: tree.labelsOf(beam.nodes[place]!),
    ...(tree.rootCount > 1 && { start: tree.rootOf(beam.nodes[place]!) }),
    blank: toPlain(beam.blank[place]!),
    label: toPlain(beam.label[place]!),
  }));
}

function toPlain(logProbability: number): number | null {
  return logProbability === Number.NEGATIVE_INFINITY ? null : logProbability;
}

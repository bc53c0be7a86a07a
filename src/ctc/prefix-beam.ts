/**
 * CTC prefix beam search: the likeliest label sequences so far, each scored over all its paths that survive the beam.
 * Incremental: rows come as they are computed, and the result does not depend on how they are grouped.
 *
 * Reference: Graves and Jaitly, 2014, "Towards end-to-end speech recognition with recurrent neural networks",
 * algorithm 1, without the transition model; Hannun et al., 2014, https://arxiv.org/abs/1408.2873
 */
import { assertInteger, HearkenError } from '../errors.ts';
import { logAdd } from './log-probabilities.ts';
import { allowedLabels, assertLabels, countRows, type LogProbabilityRows } from './log-probabilities.ts';

export type PrefixBeamOptions = {
  /** Labels of the model, without the blank; at least 1. */
  readonly labelCount: number;
  /** Prefixes kept after each row, 1 to 4096. */
  readonly beamSize: number;
  /** Ids of the labels that may be said; default all. */
  readonly allowed?: readonly number[];
};

/** A label sequence and its log-probability. */
export type Hypothesis = { readonly labels: readonly number[]; readonly logProbability: number };

/** State of a beam between two rows: plain data that survives JSON exactly (`null` is the log of 0). */
export type PrefixBeamState = {
  /** Best first. */
  readonly prefixes: readonly {
    readonly labels: readonly number[];
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
  hypotheses(): Hypothesis[];
  /** The labels of the best hypothesis. */
  best(): readonly number[];
  snapshot(): PrefixBeamState;
};

/** A label sequence that is or was in the beam, once however often it comes up. */
type Sequence = {
  readonly labels: readonly number[];
  /** The sequence without its last label; none for the empty one. */ readonly parent: Sequence | undefined;
  /** By the label added. */ readonly extended: Map<number, Sequence>;
  /** Its place in the beam, -1 where it is not in it. */ place: number;
};

type Prefix = {
  readonly sequence: Sequence;
  /** Log-probabilities as in `PrefixBeamState`, and their sum. */
  readonly blank: number;
  readonly label: number;
  readonly total: number;
};

/** A prefix of the next row, not yet built: that of `sequence`, extended by the label `added` unless that is 0. */
type Candidate = Prefix & { readonly added: number };

/** Begins a search, or goes on from a snapshot that was taken under the same options. */
export function createPrefixBeam(options: PrefixBeamOptions, state?: PrefixBeamState): PrefixBeam {
  const { labelCount, beamSize } = options;
  assertInteger('labelCount', labelCount, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('beamSize', beamSize, 1, 4096);
  const allowed = allowedLabels(labelCount, options.allowed);
  let prefixes = state ? restore(state, labelCount) : [toPrefix(sequenceOf([]), 0, Number.NEGATIVE_INFINITY)];
  return {
    push: ({ width, data }) => {
      if (width !== labelCount + 1) {
        throw new HearkenError('search/rows', `Expected rows of width ${labelCount + 1}, got ${width}`);
      }
      const rowCount = countRows({ width, data });
      for (let row = 0; row < rowCount; row++) {
        prefixes = advance(prefixes, data.subarray(row * width, (row + 1) * width), allowed, beamSize);
      }
    },
    hypotheses: () => prefixes.map(({ sequence, total }) => ({ labels: sequence.labels, logProbability: total })),
    best: () => prefixes[0]?.sequence.labels ?? [],
    snapshot: () => ({
      prefixes: prefixes.map(({ sequence, blank, label }) => ({
        labels: sequence.labels,
        blank: toPlain(blank),
        label: toPlain(label),
      })),
    }),
  };
}

/** One row: every prefix stays or is extended by one label, and the `beamSize` likeliest of all that are kept. */
function advance(
  prefixes: readonly Prefix[],
  row: Float32Array | Float64Array,
  allowed: readonly number[],
  beamSize: number,
): Prefix[] {
  for (const [place, { sequence }] of prefixes.entries()) sequence.place = place;
  const kept: Candidate[] = [];
  for (const prefix of prefixes) {
    const { sequence } = prefix;
    const parent = sequence.parent && prefixes[sequence.parent.place];
    keepBest(kept, beamSize, stay(prefix, parent, row));
    for (const added of allowed) {
      const label = extension(prefix, added, row);
      // An extension that spells another prefix of the beam was counted when that one stayed.
      if (isWorthKeeping(kept, beamSize, label) && !isInBeam(sequence.extended.get(added))) {
        keepBest(kept, beamSize, { sequence, added, blank: Number.NEGATIVE_INFINITY, label, total: label });
      }
    }
  }
  for (const { sequence } of prefixes) sequence.place = -1;
  return kept.map(({ sequence, added, blank, label, total }) => ({
    sequence: added === 0 ? sequence : extend(sequence, added),
    blank,
    label,
    total,
  }));
}

/** The same labels after one more row: a blank, the last label again, or that label for the first time after `parent`. */
function stay(prefix: Prefix, parent: Prefix | undefined, row: Float32Array | Float64Array): Candidate {
  const { sequence } = prefix;
  const last = sequence.labels.at(-1);
  const blank = prefix.total + at(row, 0);
  const repeated = last === undefined ? Number.NEGATIVE_INFINITY : prefix.label + at(row, last);
  const label = parent && last !== undefined ? logAdd(repeated, extension(parent, last, row)) : repeated;
  return { sequence, added: 0, blank, label, total: logAdd(blank, label) };
}

/** Log-probability of `prefix` followed by `added`: the same label twice needs a blank between. */
function extension(prefix: Prefix, added: number, row: Float32Array | Float64Array): number {
  return (added === prefix.sequence.labels.at(-1) ? prefix.blank : prefix.total) + at(row, added);
}

function isInBeam(sequence: Sequence | undefined): boolean {
  return sequence !== undefined && sequence.place >= 0;
}

function sequenceOf(labels: readonly number[], parent?: Sequence): Sequence {
  return { labels, parent, extended: new Map(), place: -1 };
}

/** `sequence` and one label more: the same object every time. */
function extend(sequence: Sequence, added: number): Sequence {
  const known = sequence.extended.get(added);
  if (known !== undefined) return known;
  const extended = sequenceOf([...sequence.labels, added], sequence);
  sequence.extended.set(added, extended);
  return extended;
}

function isWorthKeeping(kept: readonly Candidate[], beamSize: number, total: number): boolean {
  const worst = kept.length < beamSize ? Number.NEGATIVE_INFINITY : (kept.at(-1)?.total ?? Number.NEGATIVE_INFINITY);
  return total > worst;
}

/** Inserts into `kept`, which is sorted best first and holds at most `beamSize`; among equals the first come stays ahead. */
function keepBest(kept: Candidate[], beamSize: number, candidate: Candidate): void {
  if (!isWorthKeeping(kept, beamSize, candidate.total)) return;
  if (kept.length === beamSize) kept.pop();
  const worse = kept.findIndex(({ total }) => total < candidate.total);
  kept.splice(worse < 0 ? kept.length : worse, 0, candidate);
}

function restore(state: PrefixBeamState, labelCount: number): Prefix[] {
  const empty = sequenceOf([]);
  return state.prefixes.map(({ labels, blank, label }) => {
    assertLabels('state.prefixes.labels', labels, labelCount);
    const sequence = labels.reduce(extend, empty);
    return toPrefix(sequence, blank ?? Number.NEGATIVE_INFINITY, label ?? Number.NEGATIVE_INFINITY);
  });
}

function toPrefix(sequence: Sequence, blank: number, label: number): Prefix {
  return { sequence, blank, label, total: logAdd(blank, label) };
}

function toPlain(logProbability: number): number | null {
  return logProbability === Number.NEGATIVE_INFINITY ? null : logProbability;
}

function at(row: Float32Array | Float64Array, symbol: number): number {
  return row[symbol] ?? Number.NEGATIVE_INFINITY;
}

/**
 * From rows of CTC log-probabilities to utterances: where each begins and ends, and the likeliest label sequences in it.
 * One row at a time, so the result does not depend on chunks; what is kept is bounded by the longest utterance.
 */
import { createPrefixBeam, type Hypothesis, type PrefixBeam, type PrefixBeamState } from '../ctc/prefix-beam.ts';
import type { LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { GrammarWalk } from '../grammar/walk.ts';
import { append } from '../tensor/append.ts';
import type { DecodingOptions } from '../model/decoding.ts';
import { createEndpointer, endpointRulesOf, type EndpointerState, type UtteranceSpan } from './endpointing.ts';
import { findLastWordEnd } from './word-times.ts';

export type UtteranceSearchOptions = {
  /** Milliseconds from one vector to the next. */ readonly vectorMs: number;
  /** Labels of the model, without the blank. */ readonly labelCount: number;
  /** Ids of the labels that may be said, ascending. */ readonly allowed: readonly number[];
  /** How they may follow each other; default in any order. */ readonly walk?: GrammarWalk | undefined;
  readonly decoding: DecodingOptions;
};

/** Plain data. Outside an utterance it holds the few rows that the next one may still claim. */
export type UtteranceSearchState = {
  readonly endpointer: EndpointerState;
  /** `[n, labelCount + 1]`: the rows of the newest n vectors. */ readonly rows: Float32Array;
  /** `[n]`: their log energies. */ readonly energies: Float32Array;
  /** State of the beam search; only inside an utterance. */ readonly beam?: PrefixBeamState;
};

/** An utterance, under way or ended, and what was heard in it. */
export type SearchedUtterance = {
  /** Number of its first vector in the stream. */ readonly start: number;
  /** Number of the vector after its last one so far. */ readonly end: number;
  /** Why the utterance ended; absent while it is under way. */ readonly reason?: NonNullable<UtteranceSpan['reason']>;
  readonly rows: LogProbabilityRows;
  /** One for each row. */ readonly energies: Float32Array;
  /** Best first. */ readonly hypotheses: readonly Hypothesis[];
};

export type UtteranceSearch = {
  /** Takes the next vector's row `[labelCount + 1]` and log energy; gives the utterance that it ends. */
  readonly push: (row: Float32Array, energy: number) => SearchedUtterance | undefined;
  /** The stream is over: gives the utterance that was under way. */
  readonly finish: () => SearchedUtterance | undefined;
  /** The utterance under way. */
  readonly current: () => SearchedUtterance | undefined;
  readonly snapshot: () => UtteranceSearchState;
};

/** Prefixes that are kept of a code, at least: the valid one may be none of the likeliest. */
const CODE_BEAM_SIZE = 64;

/** Prefixes that CTC's beam search keeps where what may be said is `walk`, or words in any order. */
export function beamSizeOf({ ctcBeamSize }: DecodingOptions, walk: GrammarWalk | undefined): number {
  return walk === undefined ? ctcBeamSize : Math.max(ctcBeamSize, CODE_BEAM_SIZE);
}

/**
 * Begins at the start of a stream, or goes on from a snapshot that was taken under the same options. Throws
 * `option/out-of-range`.
 */
export function createUtteranceSearch(options: UtteranceSearchOptions, state?: UtteranceSearchState): UtteranceSearch {
  const { vectorMs, labelCount, allowed, walk, decoding } = options;
  const { endpointing } = decoding;
  const beamSize = beamSizeOf(decoding, walk);
  const width = labelCount + 1;
  const keptOutside = Math.ceil(endpointing.onsetMs / vectorMs) + Math.ceil(endpointing.preRollMs / vectorMs);
  const rules = endpointRulesOf(endpointing);
  const endpointer = createEndpointer({ ...endpointing, vectorMs, rules }, state?.endpointer);
  const openBeam = (from?: PrefixBeamState): PrefixBeam =>
    createPrefixBeam({ labelCount, allowed, walk, beamSize }, from);
  let rows: Float32Array = state?.rows ?? new Float32Array(0);
  let energies: Float32Array = state?.energies ?? new Float32Array(0);
  let beam = state?.beam && openBeam(state.beam);
  let vectorCount = state?.endpointer.vectorCount ?? 0;

  const keepNewest = (kept: number): void => {
    const surplus = Math.max(0, energies.length - kept);
    rows = rows.subarray(surplus * width);
    energies = energies.subarray(surplus);
  };
  const searched = (hypotheses: readonly Hypothesis[]): SearchedUtterance => ({
    start: vectorCount - energies.length,
    end: vectorCount,
    rows: { width, data: rows },
    energies,
    hypotheses,
  });
  const endOfWords = (labels: readonly number[]): number =>
    findLastWordEnd({ rows: { width, data: rows }, energies, labels, secondsPerVector: vectorMs / 1000, decoding });
  const ended = (search: PrefixBeam): SearchedUtterance => {
    const { reason = 'end' } = endpointer.utterance() ?? {};
    const utterance = { ...searched(search.hypotheses()), reason };
    beam = undefined;
    // Copies: what the next utterance may claim must not keep the rows of this one alive.
    keepNewest(keptOutside);
    rows = rows.slice();
    energies = energies.slice();
    return utterance;
  };

  return {
    push: (row, energy) => {
      rows = append(rows, row);
      energies = append(energies, Float32Array.of(energy));
      vectorCount++;
      beam?.push({ width, data: row });
      const labels = beam?.best() ?? [];
      const decision = endpointer.push({
        energy,
        blankProbability: Math.exp(row[0]!), // rows have a blank
        hasWords: labels.length > 0,
        sinceWord: () => energies.length - endOfWords(labels),
      });
      if (decision === 'end' && beam !== undefined) return ended(beam);
      if (decision === 'start') {
        keepNewest(vectorCount - (endpointer.utterance()?.start ?? vectorCount));
        beam = openBeam();
        beam.push({ width, data: rows });
      } else if (beam === undefined) keepNewest(keptOutside);
      return undefined;
    },
    finish: () => (endpointer.finish() === 'end' && beam !== undefined ? ended(beam) : undefined),
    current: () => beam && searched(beam.hypotheses()),
    snapshot: () => ({
      endpointer: endpointer.snapshot(),
      rows,
      energies,
      ...(beam && { beam: beam.snapshot() }),
    }),
  };
}

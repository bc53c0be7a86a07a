/**
 * From rows of CTC log-probabilities to utterances: where each begins and ends, and the likeliest label sequences in it.
 * One row at a time, so the result does not depend on chunks; what is kept is bounded by the longest utterance.
 */
import { createPrefixBeam, type Hypothesis, type PrefixBeam, type PrefixBeamState } from '../ctc/prefix-beam.ts';
import type { LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { DecodingOptions } from '../model/decoding.ts';
import { createEndpointer, endpointRulesOf, type EndpointerState, type UtteranceSpan } from './endpointing.ts';
import { findLastWordEnd } from './word-times.ts';

export type UtteranceSearchOptions = {
  /** Milliseconds from one vector to the next. */ readonly vectorMs: number;
  /** Labels of the model, without the blank. */ readonly labelCount: number;
  /** Ids of the labels that may be said, ascending. */ readonly allowed: readonly number[];
  readonly decoding: DecodingOptions;
};

/** Plain data. Outside an utterance it holds the few rows that the next one may still claim. */
export type UtteranceSearchState = {
  readonly endpointer: EndpointerState;
  /** `[n, labelCount + 1]`: the rows of the newest n vectors. */ readonly rows: Float32Array;
  /** `[n]`: their log energies. */ readonly energies: Float32Array;
  /** Only inside an utterance. */ readonly beam?: PrefixBeamState;
};

/** An utterance, under way or ended, and what was heard in it. */
export type SearchedUtterance = {
  /** Number of its first vector in the stream. */ readonly start: number;
  /** Number of the vector after its last one so far. */ readonly end: number;
  /** Absent while it is under way. */ readonly reason?: NonNullable<UtteranceSpan['reason']>;
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

/**
 * Begins at the start of a stream, or goes on from a snapshot that was taken under the same options. Throws
 * `option/out-of-range`.
 */
export function createUtteranceSearch(options: UtteranceSearchOptions, state?: UtteranceSearchState): UtteranceSearch {
  const { vectorMs, labelCount, allowed, decoding } = options;
  const { endpointing, ctcBeamSize: beamSize } = decoding;
  const width = labelCount + 1;
  const keptOutside = Math.ceil(endpointing.onsetMs / vectorMs) + Math.ceil(endpointing.preRollMs / vectorMs);
  const rules = endpointRulesOf(endpointing);
  const endpointer = createEndpointer({ ...endpointing, vectorMs, rules }, state?.endpointer);
  const openBeam = (from?: PrefixBeamState): PrefixBeam => createPrefixBeam({ labelCount, allowed, beamSize }, from);
  const rows: Float32Array[] = state === undefined ? [] : splitRows(state.rows, width);
  const energies: number[] = [...(state?.energies ?? [])];
  let beam = state?.beam && openBeam(state.beam);
  let vectorCount = state?.endpointer.vectorCount ?? 0;

  const keepNewest = (kept: number): void => {
    const surplus = Math.max(0, rows.length - kept);
    rows.splice(0, surplus);
    energies.splice(0, surplus);
  };
  const heard = (hypotheses: readonly Hypothesis[]): SearchedUtterance => ({
    start: vectorCount - rows.length,
    end: vectorCount,
    rows: { width, data: joinRows(rows, width) },
    energies: Float32Array.from(energies),
    hypotheses,
  });
  const endOfWords = (labels: readonly number[]): number =>
    findLastWordEnd({
      rows: { width, data: joinRows(rows, width) },
      energies,
      labels,
      secondsPerVector: vectorMs / 1000,
      decoding,
    });
  const ended = (search: PrefixBeam): SearchedUtterance => {
    const { reason = 'end' } = endpointer.utterance() ?? {};
    const utterance = { ...heard(search.hypotheses()), reason };
    beam = undefined;
    return utterance;
  };

  return {
    push: (row, energy) => {
      rows.push(row);
      energies.push(energy);
      vectorCount++;
      beam?.push({ width, data: row });
      const labels = beam?.best() ?? [];
      const decision = endpointer.push({
        energy,
        blankProbability: Math.exp(row[0] ?? 0),
        hasWords: labels.length > 0,
        sinceWord: () => rows.length - endOfWords(labels),
      });
      if (decision === 'end' && beam !== undefined) {
        const utterance = ended(beam);
        keepNewest(keptOutside);
        return utterance;
      }
      if (decision === 'start') {
        keepNewest(vectorCount - (endpointer.utterance()?.start ?? vectorCount));
        beam = openBeam();
        beam.push({ width, data: joinRows(rows, width) });
      } else if (beam === undefined) keepNewest(keptOutside);
      return undefined;
    },
    finish: () => (endpointer.finish() === 'end' && beam !== undefined ? ended(beam) : undefined),
    current: () => beam && heard(beam.hypotheses()),
    snapshot: () => ({
      endpointer: endpointer.snapshot(),
      rows: joinRows(rows, width),
      energies: Float32Array.from(energies),
      ...(beam && { beam: beam.snapshot() }),
    }),
  };
}

function splitRows(data: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

function joinRows(rows: readonly Float32Array[], width: number): Float32Array {
  const data = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) data.set(row, index * width);
  return data;
}

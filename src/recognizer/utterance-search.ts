/**
 * From rows of CTC log-probabilities to utterances: where each begins and ends, and the likeliest label sequences in it.
 * One row at a time, so the result does not depend on chunks; what is kept is bounded by the longest utterance.
 */
import {
  type BeamStanding,
  createPrefixBeam,
  type Hypothesis,
  type PrefixBeam,
  type PrefixBeamState,
  type StartedHypothesis,
} from '../ctc/prefix-beam.ts';
import type { LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { Listening } from '../grammar/listening.ts';
import type { GrammarWalk } from '../grammar/walk.ts';
import { append } from '../tensor/append.ts';
import type { DecodingOptions } from '../model/decoding.ts';
import { beginningsAfter, startsOf } from './code-parts.ts';
import {
  assertEndpointRules,
  createEndpointer,
  type EndpointerState,
  type EndpointRule,
  endpointRulesOf,
  type UtteranceSpan,
} from './endpointing.ts';
import { findLastWordEnd } from './word-times.ts';

export type UtteranceSearchOptions = {
  /** Milliseconds from one vector to the next. */ readonly vectorMs: number;
  /** Labels of the model, without the blank. */ readonly labelCount: number;
  readonly decoding: DecodingOptions;
  /** What may be said in the utterance under way, if there is one. */ readonly sayable: Sayable;
  /** What may be said in utterances after it; default the same. */ readonly next?: Sayable | undefined;
};

/** What may be said in an utterance. */
export type Sayable = {
  /** Ids of the labels that may be said, ascending. */ readonly allowed: readonly number[];
  /** How they may follow each other; default in any order. */ readonly walk?: GrammarWalk | undefined;
  /** Of a grammar of codes: how long it is listened for. */ readonly listening?: Listening | undefined;
};

/** Plain data. Outside an utterance it holds the few rows that the next one may still claim. */
export type UtteranceSearchState = {
  readonly endpointer: EndpointerState;
  /** `[n, labelCount + 1]`: the rows of the newest n vectors. */ readonly rows: Float32Array;
  /** `[n]`: their log energies. */ readonly energies: Float32Array;
  /** State of the beam search; only inside an utterance. */ readonly beam?: PrefixBeamState;
  /** What a code that was cut began with, where the utterance under way goes on with it. */ readonly begun?: BegunCode;
};

/** The beginning of a code whose utterance was cut: where its next part's search begins. */
export type BegunCode = {
  /** Number of the stream's vector with which the code began. */ readonly start: number;
  /** One hypothesis for each state of the walk that was reached, with the log-probability of the likeliest that reached it. */
  readonly beginnings: readonly Hypothesis[];
};

/** An utterance, under way or ended, and what was heard in it. */
export type SearchedUtterance = {
  /** Number of its first vector in the stream. */ readonly start: number;
  /** Number of the vector after its last one so far. */ readonly end: number;
  /** Why the utterance ended; absent while it is under way. */ readonly reason?: NonNullable<UtteranceSpan['reason']>;
  readonly rows: LogProbabilityRows;
  /** One for each row. */ readonly energies: Float32Array;
  /** Best first; where it is a part of a code, with the labels of this part. */ readonly hypotheses: readonly StartedHypothesis[];
  /** States of the walk at which the hypotheses begin, by the number of their start: where it is a part of a code. */
  readonly starts?: readonly number[];
  /** Whether the code goes on in the next utterance, which begins where this one ends. */ readonly isCut?: true;
  /** By how many milliseconds it ended before it would have by the usual pause; only where it did. */ readonly savedMs?: number;
};

export type UtteranceSearch = {
  /** Takes the next vector's row `[labelCount + 1]` and log energy; gives the utterance that it ends. */
  readonly push: (row: Float32Array, energy: number) => SearchedUtterance | undefined;
  /** The stream is over: gives the utterance that was under way. */
  readonly finish: () => SearchedUtterance | undefined;
  /** The utterance under way. */
  readonly current: () => SearchedUtterance | undefined;
  /** Vectors since the last utterance ended, or since the stream began; 0 while one is under way. */ readonly idle: () => number;
  readonly snapshot: () => UtteranceSearchState;
};

/** Prefixes that are kept of a code, at least: the valid one may be none of the likeliest. */
const CODE_BEAM_SIZE = 64;

/** Prefixes that CTC's beam search keeps where what may be said is `walk`, or words in any order. */
export function beamSizeOf({ ctcBeamSize }: DecodingOptions, walk: GrammarWalk | undefined): number {
  return walk === undefined ? ctcBeamSize : Math.max(ctcBeamSize, CODE_BEAM_SIZE);
}

/** The longest that a code is gone on with where utterances are cut, of which one is at most 30 s long. */
const LONGEST_CODE_MS = 120_000;

/** Share of the hypotheses that must be whole and closed for a code to end early, and that must be whole for it not to be waited for. */
const SURE_SHARE = 0.95;
const WHOLE_SHARE = 0.5;

/**
 * Begins at the start of a stream, or goes on from a snapshot that was taken under the same options. Throws
 * `option/out-of-range`.
 */
export function createUtteranceSearch(options: UtteranceSearchOptions, state?: UtteranceSearchState): UtteranceSearch {
  const { vectorMs, labelCount, decoding, sayable, next = sayable } = options;
  const { endpointing } = decoding;
  const width = labelCount + 1;
  const keptOutside = Math.ceil(endpointing.onsetMs / vectorMs) + Math.ceil(endpointing.preRollMs / vectorMs);
  const endpointer = createEndpointer(
    { ...endpointing, vectorMs, rules: endpointRulesOf(endpointing) },
    state?.endpointer,
  );
  const following = followed(next, decoding);
  let active = next === sayable ? following : followed(sayable, decoding);
  let rows: Float32Array = state?.rows ?? new Float32Array(0);
  let energies: Float32Array = state?.energies ?? new Float32Array(0);
  let begun = state?.begun;
  const openBeam = (from?: PrefixBeamState): PrefixBeam => {
    const { allowed, walk, beamSize } = active;
    return createPrefixBeam(
      { labelCount, allowed, walk, beamSize, starts: walk && begun && startsOf(walk, begun) },
      from,
    );
  };
  let beam = state?.beam && openBeam(state.beam);
  let vectorCount = state?.endpointer.vectorCount ?? 0;

  const keepNewest = (kept: number): void => {
    const surplus = Math.max(0, energies.length - kept);
    rows = rows.subarray(surplus * width);
    energies = energies.subarray(surplus);
  };
  const searched = (hypotheses: readonly StartedHypothesis[]): SearchedUtterance => ({
    start: vectorCount - energies.length,
    end: vectorCount,
    rows: { width, data: rows },
    energies,
    hypotheses,
    ...(active.walk && begun && { starts: startsOf(active.walk, begun).map(({ state: reached }) => reached) }),
  });
  const endOfWords = (labels: readonly number[]): number =>
    findLastWordEnd({ rows: { width, data: rows }, energies, labels, secondsPerVector: vectorMs / 1000, decoding });
  const keepForNext = (kept: number): void => {
    // Copies: what the next utterance may claim must not keep the rows of this one alive.
    keepNewest(kept);
    rows = rows.slice();
    energies = energies.slice();
  };
  const cut = (search: PrefixBeam): SearchedUtterance => {
    const utterance = searched(search.hypotheses());
    const walk = active.walk!; // only codes are cut, which have one
    const { starts = [walk.start] } = utterance;
    begun = beginningsAfter(walk, utterance, begun);
    keepForNext(0);
    endpointer.goOn();
    beam = openBeam();
    return { ...utterance, starts, isCut: true };
  };
  const ended = (search: PrefixBeam, rule?: CodeRules): SearchedUtterance => {
    const { reason = 'end' } = endpointer.utterance() ?? {};
    const { rulesAfter, isBounded } = active;
    const isTooLong = (vectorCount - (begun?.start ?? vectorCount - energies.length)) * vectorMs >= LONGEST_CODE_MS;
    const goesOn = rule !== undefined && (rule === rulesAfter?.incomplete || (rule !== rulesAfter?.full && isBounded));
    if (goesOn && reason === 'length' && !isTooLong) return cut(search);
    const isEarly = rule !== undefined && rule.savedMs > 0 && reason === 'silence';
    const utterance = { ...searched(search.hypotheses()), reason, ...(isEarly && { savedMs: rule.savedMs }) };
    beam = undefined;
    begun = undefined;
    keepForNext(keptOutside);
    return utterance;
  };

  return {
    push: (row, energy) => {
      rows = append(rows, row);
      energies = append(energies, Float32Array.of(energy));
      vectorCount++;
      beam?.push({ width, data: row });
      const labels = beam?.best() ?? [];
      const hasWords = labels.length > 0 || begun !== undefined;
      const rule = hasWords && beam && active.rulesAfter ? rulesFor(beam.standing(), active.rulesAfter) : undefined;
      const decision = endpointer.push({
        energy,
        blankProbability: Math.exp(row[0]!), // rows have a blank
        hasWords,
        sinceWord: () => energies.length - endOfWords(labels),
        rules: rule?.rules,
      });
      if (decision === 'end' && beam !== undefined) return ended(beam, rule);
      if (decision === 'start') {
        keepNewest(vectorCount - (endpointer.utterance()?.start ?? vectorCount));
        active = following;
        beam = openBeam();
        beam.push({ width, data: rows });
      } else if (beam === undefined) keepNewest(keptOutside);
      return undefined;
    },
    finish: () => (endpointer.finish() === 'end' && beam !== undefined ? ended(beam) : undefined),
    current: () => beam && searched(beam.hypotheses()),
    idle: () => (beam === undefined ? vectorCount - (endpointer.utterance()?.end ?? 0) : 0),
    snapshot: () => ({
      endpointer: endpointer.snapshot(),
      rows,
      energies,
      ...(beam && { beam: beam.snapshot() }),
      ...(begun && { begun }),
    }),
  };
}

/** How a search follows what may be said. */
type Followed = Pick<Sayable, 'allowed' | 'walk'> & {
  readonly beamSize: number;
  readonly isBounded: boolean;
  /** Of a grammar of codes. */ readonly rulesAfter: RulesByStanding | undefined;
};

function followed({ allowed, walk, listening }: Sayable, decoding: DecodingOptions): Followed {
  return {
    allowed,
    walk,
    beamSize: beamSizeOf(decoding, walk),
    isBounded: walk?.isBounded() === true,
    rulesAfter: listening && codeRulesOf(decoding.endpointing, listening),
  };
}

/** Rules by which an utterance of codes ends, and how much earlier than by the usual ones, at least 0. */
type CodeRules = { readonly rules: readonly EndpointRule[] | undefined; readonly savedMs: number };

/** By what was heard so far: no whole code; a whole one to which something may be added; one to which nothing may be. */
type RulesByStanding = { readonly incomplete: CodeRules; readonly complete: CodeRules; readonly full: CodeRules };

function codeRulesOf(endpointing: DecodingOptions['endpointing'], listening: Listening): RulesByStanding {
  const { pauseMs } = endpointing;
  const rulesOf = (chosenMs: number): CodeRules => {
    const rules = endpointRulesOf({ ...endpointing, pauseMs: chosenMs });
    assertEndpointRules(rules);
    return { rules, savedMs: Math.max(0, pauseMs - chosenMs) };
  };
  return {
    incomplete: rulesOf(Math.max(pauseMs, listening.incompletePauseMs)),
    complete: { rules: undefined, savedMs: 0 },
    full: rulesOf(Math.min(pauseMs, listening.completePauseMs)),
  };
}

function rulesFor({ complete, full }: BeamStanding, { incomplete, ...after }: RulesByStanding): CodeRules {
  if (full >= SURE_SHARE) return after.full;
  return complete >= WHOLE_SHARE ? after.complete : incomplete;
}

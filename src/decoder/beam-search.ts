/**
 * Beam search over an attention decoder, hypotheses ranked by length-normalised log-probability. A beam of 1 is greedy
 * decoding.
 *
 * Reference: Wu et al., 2016, "Google's neural machine translation system", https://arxiv.org/abs/1609.08144,
 * section 7, equation 14
 */
import { allowedLabels, assertLabels, countRows, type LogProbabilityRows } from '../ctc/log-probabilities.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import { assertInteger, assertNumber, HearkenError } from '../errors.ts';
import { type GrammarWalk, walkInAnyOrder } from '../grammar/walk.ts';

type BeamSearchOptions = {
  /** Labels of the model, without the end symbol; at least 1. */
  readonly labelCount: number;
  /** Labels after which a hypothesis must end, 0 to 100,000; the utterance's vectors are a natural bound. */
  readonly maxLength: number;
  /** Hypotheses kept after each step, 1 to 4096. */
  readonly beamSize: number;
  /** Ids of the labels that may be said, in any order; default all. The end is always allowed. */
  readonly allowed?: readonly number[];
  /** What may be said, in place of `allowed`, and where it may end; its weights are added to the log-probabilities. */
  readonly walk?: GrammarWalk | undefined;
  /** Exponent alpha of `lengthPenalty`, 0 (none) to 2. */
  readonly lengthExponent: number;
  /** The search ends when no hypothesis can still become one of so many best; 1 to the beam size, default 1. */
  readonly nBest?: number;
};

/** A finished hypothesis; its log-probability includes that of its end. */
type ScoredHypothesis = Hypothesis & {
  /** `logProbability / lengthPenalty(labels.length)`: what hypotheses are ranked by. */
  readonly score: number;
};

/** A hypothesis in the beam; `row` is its row in the step that extended it, or of its parent before that. */
type LiveHypothesis = Hypothesis & {
  readonly row: number;
  /** State of the walk after the labels. */ readonly state: number;
};

/** A hypothesis of the next step before it is built: row `row` of this one, extended by `added` (0: ended). */
type Expansion = {
  readonly row: number;
  readonly added: number;
  readonly logProbability: number;
  /** State of the walk after `added`. */ readonly state: number;
};

/** `(5 + length)^alpha / 6^alpha` (Wu et al., equation 14). */
export function lengthPenalty(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

/** The finished hypotheses, best first, at most `beamSize`; none if the decoder holds everything impossible. */
export async function searchBeam(step: DecoderStep, options: BeamSearchOptions): Promise<ScoredHypothesis[]> {
  const { labelCount, maxLength, beamSize, lengthExponent, nBest = 1 } = options;
  assertInteger('labelCount', labelCount, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('maxLength', maxLength, 0, 100_000);
  assertInteger('beamSize', beamSize, 1, 4096);
  assertInteger('nBest', nBest, 1, beamSize);
  assertNumber('lengthExponent', lengthExponent, 0, 2);
  const walk = options.walk ?? walkInAnyOrder(allowedLabels(labelCount, options.allowed));
  assertLabels('walk.labels', walk.labels, labelCount);
  let live: LiveHypothesis[] = [{ labels: [], logProbability: 0, row: 0, state: walk.start }];
  let finished: ScoredHypothesis[] = [];
  for (
    let length = 0;
    length <= maxLength && !isDecided(finished[nBest - 1], live, maxLength, lengthExponent);
    length++
  ) {
    const tokens = Int32Array.from(live, ({ labels }) => labels.at(-1) ?? 0);
    const { logProbabilities } = await step(
      tokens,
      Int32Array.from(live, ({ row }) => row),
    );
    assertRows(logProbabilities, live.length, labelCount);
    const kept = expand(live, logProbabilities, walk, { mayGoOn: length < maxLength, beamSize });
    finished = finish(finished, live, kept, { beamSize, lengthExponent });
    live = extend(live, kept);
  }
  return finished;
}

/**
 * Every hypothesis ended, where it may end, and extended by every label that may follow: the likeliest possible ones, best first,
 * at most `beamSize`; among equals the first.
 */
function expand(
  live: readonly LiveHypothesis[],
  { width, data }: LogProbabilityRows,
  walk: GrammarWalk,
  { mayGoOn, beamSize }: { readonly mayGoOn: boolean; readonly beamSize: number },
): Expansion[] {
  const kept: Expansion[] = [];
  let least = Number.NEGATIVE_INFINITY; // what a hypothesis must surpass
  const offer = (expansion: Expansion): void => {
    const { logProbability } = expansion;
    if (!(logProbability > least)) return;
    if (kept.length === beamSize) kept.pop();
    const worse = kept.findIndex((other) => other.logProbability < logProbability);
    kept.splice(worse < 0 ? kept.length : worse, 0, expansion);
    if (kept.length === beamSize) least = kept.at(-1)?.logProbability ?? least;
  };
  for (const [row, { state, logProbability: before }] of live.entries()) {
    // Rows have a column for the end and each label: see assertRows.
    if (walk.isComplete(state)) offer({ row, added: 0, state, logProbability: before + data[row * width]! });
    if (!mayGoOn) continue;
    const { labels, next, weights } = walk.steps(state);
    for (let index = 0; index < labels.length; index++) {
      const added = labels[index]!;
      const logProbability = before + weights[index]! + data[row * width + added]!;
      offer({ row, added, state: next[index]!, logProbability });
    }
  }
  return kept;
}

/** The finished hypotheses together with those that ended in this step, best score first, at most `beamSize`. */
function finish(
  finished: readonly ScoredHypothesis[],
  live: readonly LiveHypothesis[],
  kept: readonly Expansion[],
  { beamSize, lengthExponent }: { beamSize: number; lengthExponent: number },
): ScoredHypothesis[] {
  const ended = kept
    .filter(({ added }) => added === 0)
    .map(({ row, logProbability }) => {
      const labels = live[row]?.labels ?? [];
      return { labels, logProbability, score: logProbability / lengthPenalty(labels.length, lengthExponent) };
    });
  return [...finished, ...ended].toSorted((a, b) => b.score - a.score).slice(0, beamSize);
}

function extend(live: readonly LiveHypothesis[], kept: readonly Expansion[]): LiveHypothesis[] {
  return kept
    .filter(({ added }) => added !== 0)
    .map(({ row, added, logProbability, state }) => ({
      labels: [...(live[row]?.labels ?? []), added],
      logProbability,
      row,
      state,
    }));
}

/**
 * Whether no hypothesis of the beam can still surpass `last`, the worst of those that are asked for: log-probabilities only fall, and the kindest penalty is
 * that of the greatest length.
 */
function isDecided(
  last: ScoredHypothesis | undefined,
  live: readonly LiveHypothesis[],
  maxLength: number,
  lengthExponent: number,
): boolean {
  const worst = last?.score ?? Number.NEGATIVE_INFINITY;
  const kindest = lengthPenalty(maxLength, lengthExponent);
  return live.every(({ logProbability }) => logProbability / kindest <= worst);
}

function assertRows(rows: LogProbabilityRows, rowCount: number, labelCount: number): void {
  const found = countRows(rows);
  if (found !== rowCount || rows.width !== labelCount + 1) {
    throw new HearkenError(
      'search/rows',
      `Expected \`logProbabilities\` of shape [${rowCount}, ${labelCount + 1}], got [${found}, ${rows.width}]`,
    );
  }
}

/**
 * One step of an attention decoder for B hypotheses. Hypothesis `b` goes on from the state that row `parents[b]` of the
 * step before left (of the first step: from row 0, the start), and takes in `tokens[b]`: 0 at the start, then its
 * newest label.
 */
export type DecoderStep = (tokens: Int32Array, parents: Int32Array) => Promise<DecoderStepResult>;

type DecoderStepResult = {
  /** `[B, L + 1]`: of what comes next; column 0 is the end. */
  readonly logProbabilities: LogProbabilityRows;
  /** `[B, E]`, row-major: where in the memory's E entries the step attended; may be left out. */
  readonly alignment?: Float32Array;
};

/**
 * The second pass: at the end of an utterance the attention decoder reads the memory's entries, and what CTC and it hold
 * likely is scored by both.
 */
import { heldEntries, type MemoryState } from '../memory/state.ts';
import { searchBeam } from '../search/beam-search.ts';
import type { Hypothesis } from '../search/ctc-prefix-beam.ts';
import type { DecoderStep } from '../search/decoder-step.ts';
import { rescoreJointly } from '../search/joint-rescoring.ts';
import { rankSingleWords } from '../search/single-word.ts';
import { scoreByTeacherForcing } from '../search/teacher-forcing.ts';
import type { Engine } from './engine.ts';
import { prepareDecoder } from './prepare-decoder.ts';
import type { HeardUtterance } from './utterance-search.ts';

/** Who settles an utterance: CTC alone, the attention decoder alone, or both. */
export type DecoderChoice = 'ctc' | 'attention' | 'joint';

export type SettleOptions = {
  readonly decoder: DecoderChoice;
  /** Ids of the labels that may be said, ascending. */ readonly allowed: readonly number[];
  /** Labels in the utterance at most; 1 makes it exactly one of `allowed`. Default: as many as it has vectors. */
  readonly maximumWords?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type SettledUtterance = {
  readonly labels: readonly number[];
  /** What `labels` was chosen from, best first. */ readonly hypotheses: readonly Hypothesis[];
  /** Absent where the attention decoder was not asked. */ readonly attention?: DecoderAttention;
};

/** Where the attention decoder looked. */
export type DecoderAttention = {
  /** `[labels, E - firstEntry]`; rows sum to 1. */ readonly alignment: Float32Array;
  /** Of the memory's E entries those before this one are of the time before the utterance: the decoder saw none. */
  readonly firstEntry: number;
};

/**
 * Share of CTC in the joint score; the rest is the attention decoder's. Chosen for codes-en on human-dev, where it makes the fewest
 * errors of 0.6 to 0.9 over letters and digits (clean, and in white noise, music and babble at 10 dB), though they differ little.
 */
const CTC_WEIGHT = 0.7;
/** Of what CTC holds likely, how many are weighed by attention too. */
const CTC_CANDIDATES = 8;

/** Settles `utterance`; `memory` is the stream's at the utterance's end. */
export async function settleUtterance(
  engine: Engine,
  utterance: HeardUtterance,
  memory: MemoryState,
  options: SettleOptions,
): Promise<SettledUtterance> {
  const { decoder } = options;
  const byCtc = hypothesesOfCtc(utterance, options);
  const [likeliest] = byCtc;
  const isSilent = (likeliest?.labels.length ?? 0) === 0;
  if (decoder === 'ctc' || (decoder === 'joint' && isSilent)) {
    return { labels: likeliest?.labels ?? [], hypotheses: byCtc };
  }
  const { open, firstEntry } = await openAttention(engine, utterance, memory, options.signal);
  const byAttention = await hypothesesOfAttention(open, utterance, options);
  return decoder === 'attention'
    ? chooseByAttention(open, byAttention, firstEntry)
    : chooseJointly(open, utterance, [...byCtc.slice(0, CTC_CANDIDATES), ...byAttention], firstEntry);
}

/** What CTC holds likely, best first. */
function hypothesesOfCtc({ rows, hypotheses }: HeardUtterance, options: SettleOptions): readonly Hypothesis[] {
  const { allowed, maximumWords = Number.POSITIVE_INFINITY } = options;
  if (maximumWords === 1) return rankSingleWords(rows, allowed);
  return hypotheses.filter(({ labels }) => labels.length <= maximumWords);
}

/** What the attention decoder holds likely, best first, as far as it can be placed in the utterance's time. */
async function hypothesesOfAttention(
  open: () => DecoderStep,
  { rows, start, end }: HeardUtterance,
  { allowed, maximumWords = end - start }: SettleOptions,
): Promise<readonly Hypothesis[]> {
  if (maximumWords === 1) {
    const words = allowed.map((label) => [label]);
    const scores = await scoreByTeacherForcing(open(), words);
    return words
      .map((labels, index) => ({ labels, logProbability: scores[index]?.logProbability ?? Number.NEGATIVE_INFINITY }))
      .toSorted((a, b) => b.logProbability - a.logProbability);
  }
  const found = await searchBeam(open(), { labelCount: rows.width - 1, maxLength: maximumWords, allowed });
  return found.filter(({ labels }) => shortestPath(labels) <= end - start);
}

/** Vectors that CTC needs to spell `labels`: one each, and a blank between equal ones. */
function shortestPath(labels: readonly number[]): number {
  return labels.length + labels.filter((label, index) => label === labels[index - 1]).length;
}

/** The decoder over the memory's entries of the utterance's time, as in training: see `entriesAt`. */
async function openAttention(
  { config, executor }: Engine,
  { start }: HeardUtterance,
  memory: MemoryState,
  signal?: AbortSignal,
): Promise<{ open: () => DecoderStep; firstEntry: number }> {
  const { entries, bias, live } = heldEntries(config.memory, memory);
  const firstEntry = live.findIndex(({ span }) => span.end > start);
  const seen = { entries: entries.subarray(firstEntry * config.memory.depth), bias: bias.subarray(firstEntry) };
  return { open: await prepareDecoder(executor, seen, signal), firstEntry };
}

async function chooseByAttention(
  open: () => DecoderStep,
  hypotheses: readonly Hypothesis[],
  firstEntry: number,
): Promise<SettledUtterance> {
  const { labels } = hypotheses[0] ?? { labels: [] };
  const [score] = await scoreByTeacherForcing(open(), [labels]);
  return { labels, hypotheses, ...(score?.alignment && { attention: { alignment: score.alignment, firstEntry } }) };
}

async function chooseJointly(
  open: () => DecoderStep,
  { rows }: HeardUtterance,
  hypotheses: readonly Hypothesis[],
  firstEntry: number,
): Promise<SettledUtterance> {
  const scored = await rescoreJointly({
    rows,
    candidates: hypotheses.map(({ labels }) => labels),
    scoreHypotheses: (sequences) => scoreByTeacherForcing(open(), sequences),
    ctcWeight: CTC_WEIGHT,
  });
  const { labels, alignment } = scored[0] ?? { labels: [] };
  return { labels, hypotheses: scored, ...(alignment && { attention: { alignment, firstEntry } }) };
}

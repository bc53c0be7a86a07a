/**
 * The second pass: at the end of an utterance the attention decoder reads the memory's entries, and what CTC and it hold
 * likely is scored by both. Utterances that end together, of one stream or of many, share each step of the decoder.
 */
import type { MemoryConfig } from '../memory/config.ts';
import { heldEntries, type MemoryState } from '../memory/state.ts';
import { searchBeam } from '../search/beam-search.ts';
import type { Hypothesis } from '../search/ctc-prefix-beam.ts';
import type { DecoderStep } from '../search/decoder-step.ts';
import { rescoreJointly } from '../search/joint-rescoring.ts';
import { rankSingleWords } from '../search/single-word.ts';
import { scoreByTeacherForcing } from '../search/teacher-forcing.ts';
import {
  type DecodedRow,
  type DecoderMemory,
  type DecoderRequest,
  decoderSteps,
  prepareDecoder,
} from './decode-together.ts';
import { sharePrefixes } from './decoder-prefixes.ts';
import type { Engine } from './engine.ts';
import { inLockstep } from './lockstep.ts';
import type { HeardUtterance } from './utterance-search.ts';

/** Who settles an utterance: CTC alone, the attention decoder alone, or both. */
export type DecoderChoice = 'ctc' | 'attention' | 'joint';

export type SettleOptions = {
  readonly decoder: DecoderChoice;
  /** Ids of the labels that may be said, ascending. */ readonly allowed: readonly number[];
  /** Labels in the utterance at most; 1 makes it exactly one of `allowed`. Default: as many as it has vectors. */
  readonly maximumWords?: number | undefined;
};

/** An utterance that has ended, its stream's memory at its end, and how it is to be settled. */
export type EndedUtterance = {
  readonly utterance: HeardUtterance;
  readonly memory: MemoryState;
  readonly options: SettleOptions;
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

/**
 * Settles all `utterances` together: as many steps of the decoder run as the longest of them needs. Result i tells how
 * utterance i was settled, or why it could not be. `signal` is looked at before each step.
 */
export async function settleTogether(
  { config, executor }: Engine,
  utterances: readonly EndedUtterance[],
  signal?: AbortSignal,
): Promise<PromiseSettledResult<SettledUtterance>[]> {
  const firstPasses = utterances.map(firstPass);
  const attended = firstPasses.filter(({ needsAttention }) => needsAttention);
  const seen = attended.map(({ ended }) => seenEntries(config.memory, ended));
  signal?.throwIfAborted();
  const memories = await prepareDecoder(executor, seen);
  const settled = await inLockstep(
    attended.map(({ ended, byCtc }, index) => {
      const memory = memories[index] as DecoderMemory; // one for each
      const firstEntry = seen[index]?.firstEntry ?? 0;
      return (ask: Ask) => {
        const open = sharePrefixes((rows) => ask({ memory, rows }));
        return secondPass(open, ended, byCtc, firstEntry);
      };
    }),
    decoderSteps(executor, signal),
  );
  const results = settled.values();
  return firstPasses.map(({ byCtc, needsAttention }) => {
    const result = needsAttention ? results.next().value : undefined;
    return result ?? { status: 'fulfilled', value: { labels: byCtc[0]?.labels ?? [], hypotheses: byCtc } };
  });
}

type Ask = (request: DecoderRequest) => Promise<readonly DecodedRow[]>;

type FirstPass = {
  readonly ended: EndedUtterance;
  /** What CTC holds likely, best first. */ readonly byCtc: readonly Hypothesis[];
  /** Whether the attention decoder has a say. */ readonly needsAttention: boolean;
};

function firstPass(ended: EndedUtterance): FirstPass {
  const { decoder } = ended.options;
  const byCtc = hypothesesOfCtc(ended.utterance, ended.options);
  const isSilent = (byCtc[0]?.labels.length ?? 0) === 0;
  return { ended, byCtc, needsAttention: decoder === 'attention' || (decoder === 'joint' && !isSilent) };
}

/** Of the memory's entries those of the utterance's time, as in training: see `entriesAt`. */
function seenEntries(config: MemoryConfig, { utterance, memory }: EndedUtterance) {
  const { entries, bias, live } = heldEntries(config, memory);
  const firstEntry = live.findIndex(({ span }) => span.end > utterance.start);
  return { entries: entries.subarray(firstEntry * config.depth), bias: bias.subarray(firstEntry), firstEntry };
}

async function secondPass(
  open: () => DecoderStep,
  { utterance, options }: EndedUtterance,
  byCtc: readonly Hypothesis[],
  firstEntry: number,
): Promise<SettledUtterance> {
  const byAttention = await hypothesesOfAttention(open, utterance, options);
  return options.decoder === 'attention'
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

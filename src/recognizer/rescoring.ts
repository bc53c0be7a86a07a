/**
 * The second pass: at the end of an utterance the attention decoder reads the memory's entries, and what CTC and it hold
 * likely is scored by both. Utterances that end together, of one stream or of many, share each step of the decoder.
 */
import type { Hypothesis, StartedHypothesis } from '../ctc/prefix-beam.ts';
import { ctcScores } from '../ctc/score.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import { heldEntries, type MemoryState, type SeenMemoryConfig } from '../memory/state.ts';
import type { DecodingOptions } from '../model/decoding.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import { searchBeam, type DecoderStep } from '../decoder/beam-search.ts';
import {
  type DecodedRow,
  type DecoderRequest,
  decoderSteps,
  prepareDecoder,
  sharePrefixes,
} from '../decoder/decoder-batch.ts';
import { chooseCode, type CodeAlternative } from './code-alternatives.ts';
import { type Engine, memorySeenBy } from './engine.ts';
import { rescoreJointly } from './joint-rescoring.ts';
import { rankPhrases } from './phone-words.ts';
import { rankSingleWords } from './ranked-candidates.ts';
import { firstStates } from '../decoder/first-states.ts';
import { inLockstep } from '../decoder/lockstep.ts';
import { scoreByTeacherForcing } from '../decoder/teacher-forcing.ts';
import type { SearchedUtterance } from './utterance-search.ts';

/** What chooses the words of an ended utterance: CTC alone, the attention decoder alone, or both. */
export type DecoderChoice = 'ctc' | 'attention' | 'joint';

export const DECODERS: readonly DecoderChoice[] = ['joint', 'ctc', 'attention'];

type RescoringOptions = {
  readonly decoder: DecoderChoice;
  /** What may be said. */ readonly grammar: SpokenGrammar;
  /** The most labels in the utterance; 1 makes it exactly one of `allowed`. Default: as many as it has vectors. */
  readonly maximumWords?: number | undefined;
};

/** Hypotheses of CTC that the second pass scores of a code, at least: the valid one may be none of the likeliest. */
const CODE_CANDIDATES = 32;

/** The most labels that are given back of what the memory holds. */
const MOST_RECALLED = 64;

/** An utterance that has ended, its stream's memory at its end, and how it is to be settled. */
export type EndedUtterance = {
  readonly utterance: SearchedUtterance;
  readonly memory: MemoryState;
  readonly options: RescoringOptions;
};

export type RescoredUtterance = {
  readonly labels: readonly number[];
  /** The hypotheses that `labels` was chosen from, best first; of a part of a code they tell after which start. */
  readonly hypotheses: readonly StartedHypothesis[];
  /** Where the attention decoder attended; absent where it was not run. */ readonly attention?: DecoderAttention;
  /** What the hypotheses are written as, where the grammar is one of codes: the answer first. */
  readonly alternatives?: readonly CodeAlternative[];
  /** Whether `labels` are not what was said in the utterance, but what it asked for (`DecodingOptions.recall`). */ readonly isRecalled?: true;
};

/** Where the attention decoder attended while it wrote an utterance. */
export type DecoderAttention = {
  /** Attention weights `[labels, E - firstEntry]` of the labels over the memory's entries; each row sums to 1. */
  readonly alignment: Float32Array;
  /**
   * Index of the first of the memory's E entries that the decoder may attend to; those before it are older than the
   * utterance.
   */
  readonly firstEntry: number;
};

/**
 * Settles all `utterances` together: as many steps of the decoder run as the longest of them needs. Result i tells how
 * utterance i was settled, or why it could not be. `signal` is looked at before each step.
 */
export async function rescoreTogether(
  engine: Engine,
  utterances: readonly EndedUtterance[],
  signal?: AbortSignal,
): Promise<PromiseSettledResult<RescoredUtterance>[]> {
  const { config, executor } = engine;
  const { decoder } = config;
  const firstPasses = utterances.map((ended) => firstPass(config, ended));
  const attended = firstPasses.filter(({ needsAttention }) => needsAttention);
  const seenMemory = memorySeenBy(engine, 'decoder');
  const seen = attended.map(({ ended, isAsked }) => seenEntries(seenMemory, ended, isAsked));
  signal?.throwIfAborted();
  const newest = attended.map(({ ended }) => ended.memory.window.vectors.slice(-config.memory.depth));
  const starts = decoder === undefined ? undefined : await firstStates(executor, decoder, newest);
  const memories = await prepareDecoder(
    executor,
    seen.map((entries, index) => ({ ...entries, start: starts?.[index] })),
  );
  const steps = decoderSteps(executor, signal);
  const rescored = await inLockstep(
    attended.map(({ ended, byCtc, isAsked }, index) => {
      const memory = memories[index]!; // one for each
      const firstEntry = seen[index]!.firstEntry;
      return (ask: Ask) => {
        const open = sharePrefixes((rows) => ask({ memory, rows }));
        return isAsked
          ? recall(open, { ended, firstEntry, decoding: config.decoding, labelCount: config.vocabulary.labels.length })
          : secondPass(open, { ended, byCtc, firstEntry, decoding: config.decoding });
      };
    }),
    steps.run,
  );
  steps.end();
  const results = rescored.values();
  return firstPasses.map(({ ended, byCtc, needsAttention }) => {
    const result = needsAttention ? results.next().value : undefined;
    return result ?? { status: 'fulfilled', value: choose(ended, byCtc) };
  });
}

/** The hypotheses of a part of a code as CTC alone scores them: without what was before. */
function partByCtc(
  { utterance, options }: EndedUtterance,
  hypotheses: readonly StartedHypothesis[],
): RescoredUtterance {
  const candidates = hypotheses.slice(0, CODE_CANDIDATES);
  return partOf(
    options.grammar,
    utterance,
    candidates,
    ctcScores(
      utterance.rows,
      candidates.map(({ labels }) => labels),
    ),
  );
}

/** The hypotheses of a part of a code, each with its score of `scores` and what the grammar adds from its start on. */
function partOf(
  { code }: SpokenGrammar,
  { starts = [] }: SearchedUtterance,
  candidates: readonly StartedHypothesis[],
  scores: readonly number[],
): RescoredUtterance {
  const hypotheses = candidates
    .map(({ labels, start = 0 }, index) => {
      const weight = code?.walk.follow(labels, starts[start])?.weight ?? 0;
      return { labels, start, logProbability: scores[index]! + weight }; // one for each
    })
    .toSorted((a, b) => b.logProbability - a.logProbability);
  return { labels: hypotheses[0]?.labels ?? [], hypotheses };
}

/** The likeliest of `hypotheses`; of codes the likeliest that is valid, if it is likely enough. */
function choose(ended: EndedUtterance, hypotheses: readonly Hypothesis[]): RescoredUtterance {
  const { utterance, options } = ended;
  if (utterance.starts !== undefined) return partByCtc(ended, hypotheses);
  const { code, phones } = options.grammar;
  if (phones !== undefined) {
    const alternatives = rankPhrases(phones, hypotheses);
    return { labels: alternatives[0]?.labels ?? [], hypotheses, alternatives };
  }
  if (code === undefined) return { labels: hypotheses[0]?.labels ?? [], hypotheses };
  return chooseCode(code, hypotheses);
}

type Ask = (request: DecoderRequest) => Promise<readonly DecodedRow[]>;

type FirstPass = {
  readonly ended: EndedUtterance;
  /** Hypotheses of CTC's beam search, best first. */ readonly byCtc: readonly StartedHypothesis[];
  /** Whether the attention decoder takes part in the choice. */ readonly needsAttention: boolean;
  /** Whether the utterance asks for what the memory holds. */ readonly isAsked: boolean;
};

/**
 * Of phones, and of a model without an attention decoder, CTC chooses alone; of one that recalls it chooses all but what is asked for. Where the number of words is
 * bounded nothing is asked for: an answer has as many words as it has.
 */
function firstPass(config: RecognizerConfig, ended: EndedUtterance): FirstPass {
  const { decoder, maximumWords } = ended.options;
  const { recall: question } = config.decoding;
  const byCtc = hypothesesOfCtc(ended.utterance, ended.options);
  const labels = byCtc[0]?.labels ?? [];
  const isWritten = decoder === 'attention' || (decoder === 'joint' && labels.length > 0);
  const hasDecoder = config.decoder !== undefined && ended.options.grammar.phones === undefined;
  if (question === undefined) return { ended, byCtc, needsAttention: hasDecoder && isWritten, isAsked: false };
  const asks = labels.length === 1 && labels[0] === config.vocabulary.labels.indexOf(question) + 1;
  const isAsked = hasDecoder && decoder !== 'ctc' && maximumWords === undefined && asks;
  return { ended, byCtc, needsAttention: isAsked, isAsked };
}

/**
 * Entries of the memory from the utterance's time, which are all that the decoder sees, as in training: see
 * `entriesAt`. All of them where they are asked for.
 */
function seenEntries(config: SeenMemoryConfig, { utterance, memory }: EndedUtterance, isAsked: boolean) {
  const { entries, bias, live } = heldEntries(config, memory);
  const firstEntry = isAsked ? 0 : live.findIndex(({ span }) => span.end > utterance.start);
  return { entries: entries.subarray(firstEntry * config.depth), bias: bias.subarray(firstEntry), firstEntry };
}

type SecondPass = {
  readonly ended: EndedUtterance;
  readonly byCtc: readonly StartedHypothesis[];
  /** Index of the first of the memory's E entries that the decoder may attend to; see `DecoderAttention`. */
  readonly firstEntry: number;
  readonly decoding: DecodingOptions;
};

async function secondPass(open: () => DecoderStep, pass: SecondPass): Promise<RescoredUtterance> {
  const { ended, byCtc, firstEntry, decoding } = pass;
  if (ended.utterance.starts !== undefined) return rescorePart(open, pass);
  const byAttention = await hypothesesOfAttention(open, ended, decoding);
  return ended.options.decoder === 'attention'
    ? chooseByAttention(open, ended, byAttention, firstEntry)
    : chooseJointly(open, pass, [...byCtc.slice(0, candidateCount(ended, decoding)), ...byAttention]);
}

/** A part of a code: what CTC holds likely is scored; where the part ends says nothing of where the code may end, so the decoder proposes nothing. */
async function rescorePart(
  open: () => DecoderStep,
  { ended, byCtc, decoding }: SecondPass,
): Promise<RescoredUtterance> {
  const { utterance, options } = ended;
  const candidates = byCtc.slice(0, candidateCount(ended, decoding));
  const scored = await rescoreJointly({
    rows: utterance.rows,
    candidates: candidates.map(({ labels }) => labels),
    scoreHypotheses: (sequences) => scoreByTeacherForcing(open(), sequences),
    ctcWeight: options.decoder === 'attention' ? 0 : decoding.ctcWeight,
  });
  const scores = new Map(scored.map(({ labels, logProbability }) => [labels.join(), logProbability]));
  return partOf(
    options.grammar,
    utterance,
    candidates,
    candidates.map(({ labels }) => scores.get(labels.join())!),
  ); // all were scored
}

/** Hypotheses of CTC that the second pass scores too. */
function candidateCount({ options }: EndedUtterance, { ctcCandidates }: DecodingOptions): number {
  return options.grammar.code === undefined ? ctcCandidates : Math.max(ctcCandidates, CODE_CANDIDATES);
}

type Recall = Pick<SecondPass, 'ended' | 'firstEntry' | 'decoding'> & { readonly labelCount: number };

/** What the decoder writes of the whole stream, whose entries it sees. */
async function recall(open: () => DecoderStep, { ended, firstEntry, decoding, labelCount }: Recall) {
  const { attentionBeamSize: beamSize, lengthExponent } = decoding;
  const { allowed } = ended.options.grammar;
  const options = { labelCount, maxLength: MOST_RECALLED, allowed, beamSize, lengthExponent };
  const rescored = await chooseByAttention(open, ended, await searchBeam(open(), options), firstEntry);
  return { ...rescored, isRecalled: true } as const;
}

/** Hypotheses of CTC's beam search, best first. */
function hypothesesOfCtc(
  { rows, hypotheses }: SearchedUtterance,
  options: RescoringOptions,
): readonly StartedHypothesis[] {
  const { grammar, maximumWords = Number.POSITIVE_INFINITY } = options;
  if (maximumWords === 1) return rankSingleWords(rows, grammar.allowed);
  return hypotheses.filter(({ labels }) => labels.length <= maximumWords);
}

/** Hypotheses of the attention decoder's beam search, best first, as far as they fit into the utterance's time. */
async function hypothesesOfAttention(
  open: () => DecoderStep,
  { utterance: { rows, start, end }, options }: EndedUtterance,
  { attentionBeamSize: beamSize, lengthExponent }: DecodingOptions,
): Promise<readonly Hypothesis[]> {
  const { grammar, maximumWords = end - start } = options;
  const { allowed, code } = grammar;
  if (maximumWords === 1) {
    const words = allowed.map((label) => [label]);
    const scores = await scoreByTeacherForcing(open(), words);
    return words
      .map((labels, index) => ({ labels, logProbability: scores[index]!.logProbability }))
      .toSorted((a, b) => b.logProbability - a.logProbability);
  }
  const labelCount = rows.width - 1;
  const limits = { labelCount, maxLength: maximumWords, beamSize, lengthExponent };
  // A search that is over when nothing can surpass what it has cannot take in what is yet to be gained.
  const isBoosted = code !== undefined && code.walk.greatest > 0;
  const found = await searchBeam(open(), { ...limits, allowed, walk: isBoosted ? undefined : code?.walk });
  const fitting = found.filter(({ labels }) => shortestPath(labels) <= end - start);
  if (!isBoosted) return fitting;
  return fitting
    .map(({ labels, logProbability }) => ({
      labels,
      logProbability: logProbability + (code.walk.follow(labels)?.weight ?? 0),
    }))
    .toSorted((a, b) => b.logProbability - a.logProbability);
}

/** Vectors that CTC needs to spell `labels`: one each, and a blank between equal ones. */
function shortestPath(labels: readonly number[]): number {
  return labels.length + labels.filter((label, index) => label === labels[index - 1]).length;
}

async function chooseByAttention(
  open: () => DecoderStep,
  ended: EndedUtterance,
  hypotheses: readonly Hypothesis[],
  firstEntry: number,
): Promise<RescoredUtterance> {
  const chosen = choose(ended, hypotheses);
  const [score] = await scoreByTeacherForcing(open(), [chosen.labels]);
  return { ...chosen, ...(score?.alignment && { attention: { alignment: score.alignment, firstEntry } }) };
}

async function chooseJointly(
  open: () => DecoderStep,
  { ended, firstEntry, decoding }: SecondPass,
  hypotheses: readonly Hypothesis[],
): Promise<RescoredUtterance> {
  const { rows } = ended.utterance;
  const scored = await rescoreJointly({
    rows,
    candidates: hypotheses.map(({ labels }) => labels),
    scoreHypotheses: (sequences) => scoreByTeacherForcing(open(), sequences),
    ctcWeight: decoding.ctcWeight,
    walk: ended.options.grammar.code?.walk,
  });
  const chosen = choose(ended, scored);
  const { alignment } = scored.find(({ labels }) => areSame(labels, chosen.labels)) ?? {};
  return { ...chosen, ...(alignment && { attention: { alignment, firstEntry } }) };
}

function areSame(labels: readonly number[], others: readonly number[]): boolean {
  return labels.length === others.length && labels.every((label, index) => label === others[index]);
}

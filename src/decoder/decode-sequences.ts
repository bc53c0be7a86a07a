/**
 * What the attention decoder writes about sequences, of whatever kind: a beam search over each, those of all of them in
 * lockstep, so that a batch makes as many calls of `decodeStep` as its longest sequence alone.
 */
import type { Executor } from '../cell/executor.ts';
import { searchBeam } from './beam-search.ts';
import {
  type DecodedRow,
  type DecoderEntries,
  type DecoderRequest,
  decoderSteps,
  prepareDecoder,
  sharePrefixes,
} from './decoder-batch.ts';
import { inLockstep } from './lockstep.ts';
import { scoreByTeacherForcing } from './teacher-forcing.ts';

/** The memory of a sequence at its end, and how much may be written about it. */
export type SequenceToDecode = DecoderEntries & {
  /** Labels after which a hypothesis must end, 0 to 100,000. */ readonly maximumLength: number;
};

export type SequenceSearch = {
  /** L: labels of the model, without the end. */ readonly labelCount: number;
  /** Hypotheses kept after each step, 1 (greedy) to 4096. */ readonly beamSize: number;
  /** Hypotheses told of each sequence, at most the beam; 1 or more. */ readonly nBest: number;
  /** Exponent of `lengthPenalty`, 0 (none) to 2. */ readonly lengthExponent: number;
};

/** What was written, and where each label's step looked. */
export type DecodedSequence = {
  /** Labels 1..L, without the end. */ readonly labels: readonly number[];
  /** Of the labels and the end after them. */ readonly logProbability: number;
  /** `logProbability / lengthPenalty`: what hypotheses are ranked by. */ readonly score: number;
  /** For each label its shares of the E entries. */ readonly alignment: readonly Float32Array[];
};

/**
 * The hypotheses of each sequence, best first; result i tells how sequence i was decoded, or why it could not be. Runs
 * cells `decodePrepare` and `decodeStep`; `signal` is looked at before each step. Throws `option/out-of-range`.
 */
export async function decodeSequences(
  executor: Executor,
  sequences: readonly SequenceToDecode[],
  search: SequenceSearch,
  signal?: AbortSignal,
): Promise<PromiseSettledResult<DecodedSequence[]>[]> {
  signal?.throwIfAborted();
  const memories = await prepareDecoder(executor, sequences);
  const steps = decoderSteps(executor, signal);
  try {
    return await inLockstep(
      sequences.map(({ maximumLength }, index) => {
        const memory = memories[index]!; // one for each
        return async (ask: Ask) => searchOne((rows) => ask({ memory, rows }), maximumLength, search);
      }),
      steps.run,
    );
  } finally {
    steps.end();
  }
}

type Ask = (request: DecoderRequest) => Promise<readonly DecodedRow[]>;

async function searchOne(
  decode: Parameters<typeof sharePrefixes>[0],
  maxLength: number,
  { labelCount, beamSize, nBest, lengthExponent }: SequenceSearch,
): Promise<DecodedSequence[]> {
  const open = sharePrefixes(decode);
  const found = await searchBeam(open(), { labelCount, maxLength, beamSize, lengthExponent, nBest });
  const told = found.slice(0, nBest);
  // Every prefix was decoded on the way: this looks the alignments up.
  const scored = await scoreByTeacherForcing(
    open(),
    told.map(({ labels }) => labels),
  );
  return told.map(({ labels, logProbability, score }, index) => {
    const shares = scored[index]?.alignment ?? new Float32Array(0);
    const width = shares.length / Math.max(1, labels.length);
    const alignment = labels.map((_, step) => shares.slice(step * width, (step + 1) * width));
    return { labels, logProbability, score, alignment };
  });
}

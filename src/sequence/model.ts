/** Models that write about sequences of symbols: whole ones at once, or streams of them. */
import { anObject, aSignal, assertOptions, type Checks, integerIn, numberIn } from '../arguments.ts';
import { type DecodedSequence, decodeSequences } from '../decoder/decode-sequences.ts';
import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { RecognizerStream } from '../recognizer/recognizer.ts';
import type { Grid, SequenceEngine } from './engine.ts';
import { concludeAll, type SequenceAnswer } from './conclude.ts';
import { longestOutput, type Sequence, type SequenceInput, sequenceOf, vectorCount } from './ids.ts';
import { createSequenceRecognizer, type OpenSequenceOptions, type SequenceEvent } from './recognizer.ts';
import { type Remembered, rememberAll } from './remembered.ts';
import { spell } from './spell.ts';

/** What was written about a sequence. */
export type Hypothesis = {
  readonly text: string;
  /** Ids of the output's symbols. */ readonly tokens: readonly number[];
  /** Log-probability of the tokens and the end after them. */ readonly score: number;
  /**
   * For each output symbol its shares of the input symbols, or of the parts of an image, none negative, that sum to 1 (less where attention stopped nowhere,
   * or is local); over a hierarchical memory by attribution, over a memory of one vector evenly.
   */
  readonly alignment: readonly (readonly number[])[];
  /** None where an image came in. */ readonly inputSymbols: readonly string[];
  readonly outputSymbols: readonly string[];
  /** Where an image came in: its parts stand in these rows and columns, row by row. */ readonly grid?: Grid;
};

export type DecodeSequenceOptions = {
  /** Hypotheses kept after each step, 1 (greedy) to 4096; default 4. */ readonly beamSize?: number | undefined;
  /** Hypotheses to tell, best first, 1 to the beam's size; default 1. */ readonly nBest?: number | undefined;
  /**
   * Exponent of the length penalty by which hypotheses are ranked, 0 (none) to 2 (Wu et al., 2016, equation 14); default 0.
   */
  readonly lengthExponent?: number | undefined;
  /** Output symbols at the most, 0 to 100,000; default 32 and 16 for each input symbol. */
  readonly maximumLength?: number | undefined;
  /** Aborts between two steps. */ readonly signal?: AbortSignal | undefined;
};

/** A loaded model of sequences. `await using` disposes of it, or `dispose` when it is done. */
export type SequenceModel = AsyncDisposable & {
  readonly config: ModelConfig;
  /** Name of what computes the model, for example `onnx-cpu`; another once a GPU is lost. */ readonly device: string;
  /** Why that computes it, where `auto` chose. */ readonly deviceReason: string | undefined;
  /**
   * What is written about `input`, a text, ids of its symbols, or an image: hypotheses, best first. Throws `symbols/unknown`, naming symbol and
   * place; `sequence/empty`; `sequence/image`, where images come in and this is none of the size, or none is wanted; `option/...`; or the reason of `signal`.
   */
  decode(input: SequenceInput, options?: DecodeSequenceOptions): Promise<Hypothesis[]>;
  /** `decode` of each of `inputs`, computed in batches of like lengths; answer i is to input i. */
  decodeAll(inputs: readonly SequenceInput[], options?: DecodeSequenceOptions): Promise<Hypothesis[][]>;
  /**
   * What the model says of `input` as a whole: the classes of a classifier, the numbers of a regression. Throws as `decode`, and
   * `sequence/head` where the model has neither; `decode` throws that where a model writes nothing.
   */
  answer(input: SequenceInput, options?: { readonly signal?: AbortSignal | undefined }): Promise<SequenceAnswer>;
  /** `answer` to each of `inputs`, computed in batches of like lengths; answer i is to input i. */
  answerAll(
    inputs: readonly SequenceInput[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<SequenceAnswer[]>;
  /**
   * Opens a stream that is pushed ids of symbols; a model of images throws `sequence/image`. Where attention stops at entries (monotonic, MoChA, MILk) of a causal encoder over a full
   * memory, and where CTC writes by a causal encoder, output symbols are told as soon as they are known; of other models at a flush, which
   * ends a sequence: what comes after it is another. What is said of the whole is told at a flush, too. Written greedily: what `decode` writes with a beam of 1. Throws `option/...`, or `snapshot/...`.
   */
  open(options?: OpenSequenceOptions): RecognizerStream<Int32Array, SequenceEvent>;
  /** Frees what the model holds. Disposing again does nothing. */ dispose(): Promise<void>;
};

const CHECKS: Checks<DecodeSequenceOptions> = {
  beamSize: integerIn(1, 4_096),
  nBest: integerIn(1, 4_096),
  lengthExponent: numberIn(0, 2),
  maximumLength: integerIn(0, 100_000),
  signal: aSignal,
};

/** The most streams that are computed together. */
const MAXIMUM_BATCH = 64;

const OPEN_CHECKS: Checks<OpenSequenceOptions> = { from: anObject };

/** Makes a model of `engine`, which then owns the engine's executor and disposes of it. */
export function createSequenceModel(engine: SequenceEngine): SequenceModel {
  const recognizer = createSequenceRecognizer(engine, { maximumBatch: MAXIMUM_BATCH, maximumWaitMs: 0 });
  const dispose = async (): Promise<void> => {
    await recognizer.idle();
    await engine.executor[Symbol.asyncDispose]();
  };
  const inBatches = async <T>(
    inputs: readonly SequenceInput[],
    answer: (sequences: readonly Sequence[]) => Promise<readonly T[]>,
  ): Promise<T[]> => {
    const sequences = inputs.map((input) => sequenceOf(engine, input));
    const answers: T[] = [];
    for (const batch of batchesOf(sequences)) {
      const own = await answer(batch.map((index) => sequences[index]!));
      for (const [position, index] of batch.entries()) answers[index] = own[position]!;
    }
    return answers;
  };
  const decodeAll: SequenceModel['decodeAll'] = async (inputs, options = {}) => {
    assertOptions('decode', options, CHECKS);
    const { beamSize = 4, nBest = 1 } = options;
    if (nBest > beamSize) {
      throw new HearkenError('option/out-of-range', `Expected \`nBest\` in 1..${beamSize}, the beam, got ${nBest}`);
    }
    if (engine.writer === undefined) throw lacksHead(engine, 'a decoder or CTC, which write');
    return inBatches(inputs, (sequences) => decodeBatch(engine, sequences, options));
  };
  const answerAll: SequenceModel['answerAll'] = async (inputs, options = {}) => {
    assertOptions('answer', options, { signal: aSignal });
    if (!engine.concludes) throw lacksHead(engine, 'a classifier or a regression, which answer');
    const { signal } = options;
    return inBatches(inputs, async (sequences) => concludeAll(engine, await rememberAll(engine, sequences, signal)));
  };
  return {
    config: engine.config,
    get device() {
      return engine.executor.name;
    },
    get deviceReason() {
      return engine.executor.reason;
    },
    decode: async (input, options) => (await decodeAll([input], options))[0] ?? [],
    decodeAll,
    answer: async (input, options) => (await answerAll([input], options))[0] ?? {},
    answerAll,
    open: (options = {}) => {
      assertOptions('open', options, OPEN_CHECKS);
      if (engine.input === undefined) {
        throw new HearkenError('sequence/image', 'Expected a model of symbols to stream, got one of images');
      }
      return recognizer.open(options);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function lacksHead({ config: { name, heads } }: SequenceEngine, expected: string): HearkenError {
  const got = Object.keys(heads).join(' and ');
  return new HearkenError('sequence/head', `Expected a model with ${expected}, got ${name} with ${got}`);
}

/** Sequences, and symbols with padding, of one call at most. */
const BATCH = { sequences: 64, symbols: 8_192 };

/** Indexes of `sequences` in batches, the shortest first. */
function* batchesOf(sequences: readonly Sequence[]): Generator<number[]> {
  const order = [...sequences.keys()].toSorted((a, b) => sequences[a]!.length - sequences[b]!.length);
  let batch: number[] = [];
  for (const index of order) {
    const symbols = (batch.length + 1) * sequences[index]!.length;
    if (batch.length > 0 && (batch.length === BATCH.sequences || symbols > BATCH.symbols)) {
      yield batch;
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) yield batch;
}

async function decodeBatch(
  engine: SequenceEngine,
  sequences: readonly Sequence[],
  { beamSize = 4, nBest = 1, lengthExponent = 0, maximumLength, signal }: DecodeSequenceOptions,
): Promise<Hypothesis[][]> {
  const remembered = await rememberAll(engine, sequences, signal);
  const search = { labelCount: engine.labelCount, beamSize, nBest, lengthExponent };
  const asked = remembered.map((memory, row) => ({
    ...memory,
    maximumLength: maximumLength ?? longestOutput(vectorCount(engine, sequences[row]!)),
  }));
  if (engine.writer === 'ctc') {
    return asked.map(({ rows, maximumLength: most }, row) => {
      const found = spell({ data: rows!, width: search.labelCount + 1 }, search, most); // where CTC writes there are rows
      return found.map((each) => hypothesisOf(engine, sequences[row]!, each, (shares) => shares));
    });
  }
  const settled = await decodeSequences(engine.executor, asked, search, signal);
  return settled.map((result, row) => {
    if (result.status === 'rejected') throw result.reason;
    const { overInputs } = remembered[row]!;
    return result.value.map((found) => hypothesisOf(engine, sequences[row]!, found, overInputs));
  });
}

function hypothesisOf(
  { input, output, grid }: SequenceEngine,
  sequence: Sequence,
  { labels, logProbability, alignment }: DecodedSequence,
  overInputs: Remembered['overInputs'],
): Hypothesis {
  const tokens = labels.map((label) => label - 1);
  return {
    text: output?.decode(tokens) ?? '',
    tokens,
    score: logProbability,
    alignment: alignment.map((shares) => [...overInputs(shares)]),
    inputSymbols: input === undefined ? [] : Array.from(sequence, (id) => input.nameOf(id)),
    outputSymbols: tokens.map((token) => output?.nameOf(token) ?? ''),
    ...(grid && { grid }),
  };
}

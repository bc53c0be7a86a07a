/**
 * From sequences with their truth to the batches that a model of tokens trains on: like lengths together, so that little is padded. A
 * pure function of examples and generator, so that a resumed run repeats.
 */
import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Random } from '../tensor/random.ts';
import { type SymbolCodec, symbolCodec, symbolCount, type Symbols } from '../text/symbols.ts';
import type { SequenceExample } from './examples.ts';
import { shuffled } from './shuffled.ts';

/** Sequences of like length. B sequences, T inputs of the longest. */
export type SequenceBatch = {
  /** Ids `[B, T]`, row-major; 0 behind a row's end. */ readonly inputs: Int32Array;
  /** Inputs of each row, 1 to T. */ readonly lengths: readonly number[];
  /** What a decoder or CTC writes of each row: symbols' ids plus 1. */ readonly targets: readonly Int32Array[];
  /** The label of each row, for `classifier` and `answers`. */ readonly labels: readonly number[];
  /** The numbers of each row, for `regression`. */ readonly numbers: readonly (readonly number[])[];
  /** The labels of `answers` at each input, `[B, T]`, -1 where it is not asked; absent where it is asked at the end alone. */
  readonly answers?: Int32Array;
};

type Row = {
  readonly input: Int32Array;
  readonly target: Int32Array;
  readonly label: number;
  readonly numbers: readonly number[];
  readonly answers: readonly number[] | undefined;
};

/**
 * Batches of at most `batchSize` examples, in an order drawn from `random`; those of like length are together, in an order drawn before.
 * Throws `recipe/examples`, naming the example, where one lacks what a head of the model learns, and `symbols/unknown`.
 */
export function sequenceBatches(
  examples: readonly SequenceExample[],
  config: ModelConfig,
  { batchSize }: { readonly batchSize: number },
  random: Random,
): SequenceBatch[] {
  const toRow = rowMaker(config);
  const rows = shuffled(examples, random).map(toRow);
  rows.sort((a, b) => a.input.length - b.input.length || a.target.length - b.target.length); // stable
  const batches: SequenceBatch[] = [];
  for (let start = 0; start < rows.length; start += batchSize)
    batches.push(batchOf(rows.slice(start, start + batchSize)));
  return shuffled(batches, random);
}

function batchOf(rows: readonly Row[]): SequenceBatch {
  const lengths = rows.map(({ input }) => input.length);
  const longest = Math.max(...lengths);
  const inputs = new Int32Array(rows.length * longest);
  for (const [index, { input }] of rows.entries()) inputs.set(input, index * longest);
  const asked = rows.some(({ answers }) => answers !== undefined);
  const answers = new Int32Array(asked ? inputs.length : 0).fill(-1);
  for (const [index, row] of rows.entries()) {
    if (asked) answers.set(row.answers ?? askedAtEnd(row), index * longest);
  }
  return {
    inputs,
    lengths,
    ...(asked ? { answers } : {}),
    targets: rows.map(({ target }) => target),
    labels: rows.map(({ label }) => label),
    numbers: rows.map(({ numbers }) => numbers),
  };
}

/** The labels of a row that is asked at its end. */
function askedAtEnd({ input, label }: Row): Int32Array {
  const labels = new Int32Array(input.length).fill(-1);
  labels[input.length - 1] = label;
  return labels;
}

/** Makes rows of examples, by the symbols and heads of the model. */
function rowMaker({ source, heads }: ModelConfig): (example: SequenceExample, index: number) => Row {
  if (source.kind !== 'tokens') {
    throw new HearkenError('recipe/examples', `Expected a model of tokens for sequences, got one of ${source.kind}`);
  }
  const idsIn = idMaker(source.symbols);
  const written = heads.decoder?.symbols ?? heads.ctc?.symbols;
  const idsOut = written === undefined ? undefined : idMaker(written);
  const { classifier, answers, regression } = heads;
  return ({ input, output, label, labels, numbers = [] }, index) => {
    const lacking = (field: string, got: unknown): HearkenError =>
      new HearkenError('recipe/examples', `Expected ${field} of example ${index + 1}, got ${String(got)}`);
    const ids = idsIn(input);
    if (ids.length === 0) throw lacking('an `input` that is not empty', JSON.stringify(input));
    if (idsOut !== undefined && output === undefined) throw lacking('an `output`', output);
    if (regression !== undefined && numbers.length !== regression.outputs) {
      throw lacking(`${regression.outputs} \`numbers\``, numbers.length);
    }
    const labelCount = classifier?.labels.length ?? answers?.labelCount;
    const labelId = typeof label === 'string' ? (classifier?.labels.indexOf(label) ?? -1) : (label ?? -1);
    const isAskedWithin = labels !== undefined && answers !== undefined;
    if (isAskedWithin && !areAnswers(labels, ids.length, answers.labelCount)) {
      throw lacking(
        `as many \`labels\` as inputs, each in -1..${answers.labelCount - 1} and one above -1,`,
        labels.join(' '),
      );
    }
    if (labelCount !== undefined && !isAskedWithin && !(labelId >= 0 && labelId < labelCount)) {
      throw lacking('a known `label`', label);
    }
    const target = idsOut === undefined || output === undefined ? new Int32Array() : idsOut(output).map((id) => id + 1);
    return { input: ids, target, label: labelId, numbers, answers: isAskedWithin ? labels : undefined };
  };
}

function areAnswers(labels: readonly number[], length: number, labelCount: number): boolean {
  const areLabels = labels.every((label) => Number.isInteger(label) && label >= -1 && label < labelCount);
  return labels.length === length && areLabels && labels.some((label) => label >= 0);
}

/** Ids of text, or of ids, which are looked at. */
function idMaker(symbols: Symbols): (given: string | readonly number[]) => Int32Array {
  const count = symbolCount(symbols);
  let codec: SymbolCodec | undefined;
  return (given) => {
    if (typeof given === 'string') return (codec ??= symbolCodec(symbols)).encode(given);
    const wrong = given.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= count);
    if (wrong < 0) return Int32Array.from(given);
    throw new HearkenError(
      'symbols/unknown',
      `Expected ids in 0..${count - 1}, got '${given[wrong]}' as symbol ${wrong + 1}`,
    );
  };
}

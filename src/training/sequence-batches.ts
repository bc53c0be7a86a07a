/**
 * From sequences with their truth to the batches that a model of tokens trains on: like lengths together, so that little is padded. A
 * pure function of examples and generator, so that a resumed run repeats.
 */
import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { type SourceConfig, sourceDepth } from '../model/source.ts';
import type { Random } from '../tensor/random.ts';
import { type SymbolCodec, symbolCodec, symbolCount, type Symbols } from '../text/symbols.ts';
import type { SequenceExample } from './examples.ts';
import { shuffled } from './shuffled.ts';

/** Sequences of like length. B sequences, T inputs of the longest, F numbers of an input. */
export type SequenceBatch = {
  /** Ids `[B, T]`, or numbers or rows of pixels `[B, T, F]`, row-major; 0 behind a row's end. */ readonly inputs:
    | Int32Array
    | Float32Array;
  /** Inputs of each row, 1 to T. */ readonly lengths: readonly number[];
  /** What a decoder or CTC writes of each row: symbols' ids plus 1. */ readonly targets: readonly Int32Array[];
  /** What CTC writes of each row, where that is not what the decoder writes. */ readonly spelled?: readonly Int32Array[];
  /** The label of each row, for `classifier` and `answers`. */ readonly labels: readonly number[];
  /** The numbers of each row, for `regression`. */ readonly numbers: readonly (readonly number[])[];
  /** The labels of `answers` at each input, `[B, T]`, -1 where it is not asked; absent where it is asked at the end alone. */
  readonly answers?: Int32Array;
};

type Row = {
  /** Ids, or the numbers of all times, or of all rows of pixels, one after the other. */ readonly input:
    | Int32Array
    | Float32Array;
  readonly length: number;
  readonly target: Int32Array;
  readonly spelled: Int32Array | undefined;
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
  rows.sort((a, b) => a.length - b.length || a.target.length - b.target.length); // stable
  const batches: SequenceBatch[] = [];
  for (let start = 0; start < rows.length; start += batchSize)
    batches.push(batchOf(rows.slice(start, start + batchSize)));
  return shuffled(batches, random);
}

function batchOf(rows: readonly Row[]): SequenceBatch {
  const longest = Math.max(...rows.map(({ length }) => length));
  const widest = Math.max(...rows.map(({ input }) => input.length));
  const total = rows.length * widest;
  const inputs = rows[0]?.input instanceof Float32Array ? new Float32Array(total) : new Int32Array(total);
  for (const [index, { input }] of rows.entries()) inputs.set(input, index * widest);
  const asked = rows.some(({ answers }) => answers !== undefined);
  const answers = new Int32Array(asked ? rows.length * longest : 0).fill(-1);
  for (const [index, row] of rows.entries()) {
    if (asked) answers.set(row.answers ?? askedAtEnd(row), index * longest);
  }
  return {
    inputs,
    lengths: rows.map(({ length }) => length),
    ...(asked ? { answers } : {}),
    targets: rows.map(({ target }) => target),
    ...(rows.some(({ spelled }) => spelled !== undefined)
      ? { spelled: rows.map(({ spelled, target }) => spelled ?? target) }
      : {}),
    labels: rows.map(({ label }) => label),
    numbers: rows.map(({ numbers }) => numbers),
  };
}

/** The labels of a row that is asked at its end. */
function askedAtEnd({ length, label }: Pick<Row, 'length' | 'label'>): Int32Array {
  const labels = new Int32Array(length).fill(-1);
  labels[length - 1] = label;
  return labels;
}

/** Makes rows of examples, by the symbols and heads of the model. */
function rowMaker({ source, memory, heads }: ModelConfig): (example: SequenceExample, index: number) => Row {
  const toInput = inputMaker(source);
  const width = source.kind === 'tokens' ? 1 : sourceDepth(source);
  const written = heads.decoder?.symbols ?? heads.ctc?.symbols;
  const idsOut = written === undefined ? undefined : idMaker(written);
  const idsSpelled = heads.ctc?.symbols === undefined ? undefined : idMaker(heads.ctc.symbols);
  const { classifier, answers, regression } = heads;
  const descends = memory.kind === 'hierarchical' && memory.cold?.descent !== undefined; // a walk is learned where vectors read
  return ({ input, output, spelled, label, labels, numbers = [] }, index) => {
    const lacking = (field: string, got: unknown): HearkenError =>
      new HearkenError('recipe/examples', `Expected ${field} of example ${index + 1}, got ${String(got)}`);
    const given = toInput(input, index);
    const length = given.length / width;
    if (given.length === 0) throw lacking('an `input` that is not empty', JSON.stringify(input));
    if (idsOut !== undefined && output === undefined) throw lacking('an `output`', output);
    if (regression !== undefined && numbers.length !== regression.outputs) {
      throw lacking(`${regression.outputs} \`numbers\``, numbers.length);
    }
    const labelCount = classifier?.labels.length ?? answers?.labelCount;
    const labelId = typeof label === 'string' ? (classifier?.labels.indexOf(label) ?? -1) : (label ?? -1);
    const isAskedWithin = labels !== undefined && answers !== undefined;
    if (isAskedWithin && !areAnswers(labels, length, answers.labelCount)) {
      throw lacking(
        `as many \`labels\` as inputs, each in -1..${answers.labelCount - 1} and one above -1,`,
        labels.join(' '),
      );
    }
    if (labelCount !== undefined && !isAskedWithin && !(labelId >= 0 && labelId < labelCount)) {
      throw lacking('a known `label`', label);
    }
    const target = idsOut === undefined || output === undefined ? new Int32Array() : idsOut(output).map((id) => id + 1);
    return {
      input: given,
      length,
      target,
      spelled: spelled === undefined ? undefined : idsSpelled?.(spelled).map((id) => id + 1),
      label: labelId,
      numbers,
      answers: isAskedWithin ? labels : descends ? Array.from(askedAtEnd({ length, label: labelId })) : undefined,
    };
  };
}

type Input = SequenceExample['input'];

/** Makes what a model takes in of an example's input: ids, or numbers one after the other. */
function inputMaker(source: SourceConfig): (input: Input, index: number) => Int32Array | Float32Array {
  if (source.kind === 'audio') {
    throw new HearkenError(
      'recipe/examples',
      'Expected a model of tokens, numbers or images for sequences, got one of audio',
    );
  }
  if (source.kind === 'tokens') return idMaker(source.symbols);
  const width = sourceDepth(source);
  return (input, index) => {
    const refuse = (expected: string, got: string): HearkenError =>
      new HearkenError('recipe/examples', `Expected ${expected} as \`input\` of example ${index + 1}, got ${got}`);
    if (typeof input === 'string') throw refuse('numbers', JSON.stringify(input));
    if (input.length % width !== 0) throw refuse(`${width} numbers for each time`, `${input.length} in all`);
    if (source.kind === 'image' && input.length !== source.height * width) {
      throw refuse(`the ${source.height * width} numbers of an image`, `${input.length}`);
    }
    const wrong = input.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0) throw refuse('finite numbers', `${input[wrong]} at place ${wrong + 1}`);
    return Float32Array.from(input);
  };
}

function areAnswers(labels: readonly number[], length: number, labelCount: number): boolean {
  const areLabels = labels.every((label) => Number.isInteger(label) && label >= -1 && label < labelCount);
  return labels.length === length && areLabels && labels.some((label) => label >= 0);
}

/** Ids of text, or of ids, which are looked at. */
function idMaker(symbols: Symbols): (given: Input) => Int32Array {
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

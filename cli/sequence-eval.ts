/** `hearken eval` of models of sequences: on pairs of yours, or by the model's own evaluation. */
import { readFile } from 'node:fs/promises';

import { HearkenError } from '../src/errors.ts';
import type { SequenceModel, StreamingDevice } from '../src/index.ts';
import type { ModelConfig } from '../src/model/config.ts';
import {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  errorsIn,
  type Interval,
  sumErrors,
  wilsonInterval,
} from '../src/text/error-rate.ts';
import type { SequencePair } from '../corpora/sequence-accuracy.ts';
import { ownEvaluation } from './evaluations.ts';
import { tellDevice } from './device-option.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import { printable } from './printable.ts';
import { createProgress } from './progress.ts';
import { percent, printTable } from './table.ts';
import { UsageError } from './usage-error.ts';

/** Output of `hearken eval MODEL --pairs FILE --json`. */
export type PairsReport = {
  readonly model: string;
  readonly pairs: string;
  /** Whole outputs: a sequence is wrong where one symbol is. */
  readonly sequences: {
    readonly errors: number;
    readonly total: number;
    readonly rate: number;
    readonly ci95: Interval;
  };
  /** Symbols of the outputs, by the alignment with the fewest errors; the interval is a bootstrap over sequences. */
  readonly symbols: {
    readonly errors: number;
    readonly total: number;
    readonly rate: number;
    readonly ci95: Interval;
  } & Omit<ErrorCounts, 'words'>;
  /** What was written otherwise, in the file's order. */
  readonly wrong: readonly (SequencePair & { readonly written: string })[];
};

type SequenceEvalOptions = {
  readonly pairs?: string;
  readonly json?: true;
  readonly device?: StreamingDevice;
  /** Part of the model's own test set, where it has parts. */ readonly set?: string;
};

/** Sequences that are decoded between two steps of the progress bar. */
const BATCH = 256;
/** Sequences of one call, as the device `auto` measures them. */
const MEASURED_FOR_AUTO = 64;
const BOOTSTRAP_SEED = 1;

/** Output of the same for a classifier: an output is the right label. */
export type ClassesReport = Pick<PairsReport, 'model' | 'pairs' | 'sequences' | 'wrong'>;

/** Output of the same for a regression: an output is its numbers with spaces between. */
export type NumbersReport = Pick<PairsReport, 'model' | 'pairs'> & {
  /** Root of the mean squared error, of each number. */ readonly rmse: readonly number[];
  readonly total: number;
};

/** Whether `config` is of a model that takes in symbols and says something of all of them: a class, or numbers. */
export function saysOfSequences({ source, heads }: ModelConfig): boolean {
  return source.kind === 'tokens' && (heads.classifier !== undefined || heads.regression !== undefined);
}

/** Whether `config` is of a model that takes in symbols and writes others. */
export function writesSequences({ source, heads }: ModelConfig): boolean {
  return source.kind === 'tokens' && (heads.decoder !== undefined || heads.ctc !== undefined);
}

export async function evaluateSequences(
  folder: string,
  config: ModelConfig,
  options: SequenceEvalOptions,
): Promise<void> {
  const own = options.pairs === undefined ? ownEvaluation(config.name) : undefined;
  if (options.pairs === undefined && own === undefined) {
    throw new UsageError(`Expected --pairs FILE.tsv: the model ${config.name} has no evaluation of its own`);
  }
  const pairs = options.pairs === undefined ? [] : await readPairs(options.pairs);
  const { loadSequenceModel } = await import('../src/index.ts');
  using progress = createProgress('evaluating', 1_000);
  using interruption = listenForInterruption();
  await using model = await loadSequenceModel(folder, { device: options.device, streams: MEASURED_FOR_AUTO });
  tellDevice(model);
  const write = writesSequences(config) ? writerOf(model, interruption.signal) : sayerOf(model, interruption.signal);
  if (own !== undefined) {
    const report = {
      model: config.name,
      ...(await own({ model, write, set: options.set, signal: interruption.signal })),
    };
    progress.clear();
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const written: string[] = [];
  for (let first = 0; first < pairs.length; first += BATCH) {
    written.push(...(await write(pairs.slice(first, first + BATCH).map(({ input }) => input))));
    progress.update((1_000 * written.length) / pairs.length);
  }
  progress.clear();
  const report = reportOf(config, options.pairs ?? '', pairs, written);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if ('rmse' in report) printNumbers(report);
  else printReport(report);
}

/** What a classifier or a regression says of each input, as a pair's output is written. */
function sayerOf(model: SequenceModel, signal: AbortSignal): (inputs: readonly string[]) => Promise<string[]> {
  return async (inputs) => {
    const answers = await model.answerAll(inputs, { signal });
    return answers.map(({ labels, numbers = [] }) => labels?.[0]?.label ?? numbers.join(' '));
  };
}

function writerOf(model: SequenceModel, signal: AbortSignal): (inputs: readonly string[]) => Promise<string[]> {
  return async (inputs) => {
    const answers = await model.decodeAll(inputs, { signal });
    return answers.map(([best]) => best?.text ?? '');
  };
}

/** Lines of input, tab, output. Throws `pairs/line`, naming file and line. */
async function readPairs(file: string): Promise<SequencePair[]> {
  await existingFile(file);
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.replace(/\r$/, ''));
  const pairs = lines.flatMap((line, index): SequencePair[] => {
    if (line === '') return [];
    const [input = '', output, ...more] = line.split('\t');
    if (input !== '' && output !== undefined && more.length === 0) return [{ input, output }];
    throw new HearkenError(
      'pairs/line',
      `Expected an input, a tab and an output in line ${index + 1} of ${file}, got ${more.length > 0 ? 'more tabs' : JSON.stringify(line.slice(0, 40))}`,
    );
  });
  if (pairs.length > 0) return pairs;
  throw new HearkenError('pairs/line', `Expected lines of an input, a tab and an output in ${file}, got none`);
}

/** What of `written` is wrong, as the model's head has it. Throws `pairs/line` where a regression's pair has other than its numbers. */
export function reportOf(
  config: Pick<ModelConfig, 'name' | 'heads'>,
  file: string,
  pairs: readonly SequencePair[],
  written: readonly string[],
): PairsReport | ClassesReport | NumbersReport {
  const { decoder, ctc, classifier, regression } = config.heads;
  if (decoder !== undefined || ctc !== undefined) return symbolsReport(config, file, pairs, written);
  if (classifier === undefined) return numbersReport(config.name, file, pairs, written, regression?.outputs ?? 0);
  const wrong = wrongOf(pairs, written, (index) => written[index] !== pairs[index]?.output);
  return { model: config.name, pairs: file, sequences: sequencesOf(wrong.length, pairs.length), wrong };
}

function numbersReport(
  model: string,
  file: string,
  pairs: readonly SequencePair[],
  written: readonly string[],
  count: number,
): NumbersReport {
  const squares = new Array<number>(count).fill(0);
  for (const [index, { input, output }] of pairs.entries()) {
    const expected = numbersIn(output);
    if (expected.length !== count || expected.some(Number.isNaN)) {
      throw new HearkenError(
        'pairs/line',
        `Expected ${count} numbers as output of '${input}' in ${file}, got '${output}'`,
      );
    }
    const said = numbersIn(written[index] ?? '');
    for (const [place, value] of expected.entries()) squares[place]! += (value - (said[place] ?? Number.NaN)) ** 2;
  }
  return { model, pairs: file, rmse: squares.map((sum) => Math.sqrt(sum / pairs.length)), total: pairs.length };
}

function numbersIn(text: string): number[] {
  return text
    .split(/\s+/u)
    .filter((each) => each !== '')
    .map(Number);
}

function wrongOf(
  pairs: readonly SequencePair[],
  written: readonly string[],
  isWrong: (index: number) => boolean,
): PairsReport['wrong'] {
  return pairs.map((pair, index) => ({ ...pair, written: written[index] ?? '' })).filter((_, index) => isWrong(index));
}

function sequencesOf(errors: number, total: number): PairsReport['sequences'] {
  return { errors, total, rate: errors / total, ci95: wilsonInterval(errors, total) };
}

/** How many symbols, and which sequences, are wrong. */
function symbolsReport(
  config: Pick<ModelConfig, 'name' | 'heads'>,
  file: string,
  pairs: readonly SequencePair[],
  written: readonly string[],
): PairsReport {
  const isSpelled = (config.heads.decoder ?? config.heads.ctc)?.symbols?.unit === 'character';
  const symbolsOf = (text: string): string[] =>
    isSpelled ? Array.from(text) : text.split(/\s+/u).filter((word) => word !== '');
  const counts = pairs.map(({ output }, index) => countErrors(symbolsOf(output), symbolsOf(written[index] ?? '')));
  const { words: total, ...kinds } = sumErrors(counts);
  const errors = errorsIn({ words: total, ...kinds });
  const wrong = wrongOf(pairs, written, (index) => errorsIn(counts[index]!) > 0);
  return {
    model: config.name,
    pairs: file,
    sequences: sequencesOf(wrong.length, pairs.length),
    symbols: {
      errors,
      total,
      rate: errors / Math.max(1, total),
      ci95: total === 0 ? { low: 0, high: 1 } : bootstrapInterval(counts, { seed: BOOTSTRAP_SEED }),
      ...kinds,
    },
    wrong,
  };
}

function printNumbers({ model, pairs, rmse, total }: NumbersReport): void {
  process.stdout.write(`${printable(model)}, ${printable(pairs)}, ${total} sequences\n\n`);
  printTable(
    ['number', 'root of the mean squared error'],
    rmse.map((error, index) => [`${index + 1}`, error.toPrecision(4)]),
  );
}

function printReport({ model, pairs, sequences, wrong, ...more }: PairsReport | ClassesReport): void {
  process.stdout.write(`${printable(model)}, ${printable(pairs)}\n\n`);
  printTable(
    ['', 'errors', 'of', 'rate', '95 % interval'],
    Object.entries({ sequences, ...('symbols' in more && { symbols: more.symbols }) }).map(
      ([name, { errors, total, rate, ci95 }]) => [
        name,
        `${errors}`,
        `${total}`,
        percent(rate),
        `${percent(ci95.low)} to ${percent(ci95.high)}`,
      ],
    ),
  );
  if (wrong.length > 0) process.stdout.write('\n');
  for (const { input, output, written } of wrong) {
    process.stdout.write(`${printable(`${input}: '${output}' was written as '${written}'`)}\n`);
  }
}

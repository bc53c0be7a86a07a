import { readFile } from 'node:fs/promises';

import { type Command, Option } from 'commander';

import type { ErrorCode } from '../src/error-codes.ts';
import type { StreamingDevice } from '../src/backend/model-executor.ts';
import { HearkenError } from '../src/errors.ts';
import { existingFile } from './existing.ts';
import { optionalDevice } from './device-option.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { type FileKind, openOutputFile } from './output-file.ts';
import { report } from './report-failure.ts';
import { readSymbols, type SymbolInput, type SymbolStep } from './symbol-input.ts';
import type { SymbolStream } from './symbol-stream.ts';
import { UsageError } from './usage-error.ts';

type StreamOptions = {
  readonly model: string;
  readonly device?: StreamingDevice;
  readonly text?: true;
  readonly bytes?: true;
  readonly snapshot?: string;
  readonly resume?: string;
  readonly leaves?: string;
  readonly withoutLeaves?: true;
};

const DETAILS = `
Each line of standard input is a JSON value: a number is the id of a symbol, a string is text, of one symbol or several. What is neither is
text as it stands, of 1,048,576 characters at most. --text takes every line as text, of a model whose symbols are digits say; --bytes takes every byte as an id, of a model of ids.

A model that answers to every symbol prints a line for each:

  {"position":0,"token":5,"label":3,"probability":0.982114}

position counts from 0 on, the label is the likeliest were the input to end there; symbols with names have their "symbol", too. A model that
writes prints a line for each symbol that it writes, as soon as it is known, which may be when the sequence ends; and then how many came in:

  {"type":"symbol","index":0,"token":1,"symbol":"1"}
  {"type":"end","inputs":3,"outputs":4}

An empty line ends such a sequence, and so does the end of the input; what comes after is another. A class or numbers are a line of type answer.

--snapshot writes what the stream remembers when the input ends or Ctrl-C or SIGTERM comes, once what it answered has been handed on; --resume
goes on from there with the same model, and answers as if the input had never stopped. A sequence that a snapshot is taken of has not ended: it
does where it is resumed. A model with a cold store keeps the vectors that left its window in --leaves, from which they are deleted when the stream ends without a
snapshot; a snapshot names them, and goes on where they are, or by --without-leaves without them, as often as that is asked for. Input that is no symbol of the model ends the stream there, in the same way, with exit code 1.

Examples:
  seq 0 7 | hearken stream --model recall-tokens
  printf 'nineteen\\neighty four\\n' | hearken stream --model inverse-numbers-en
  hearken stream --model recall-tokens --snapshot day.state < monday.jsonl
  hearken stream --model recall-tokens --resume day.state --snapshot day.state < tuesday.jsonl
  tail -c +1 -f events.bin | hearken stream --model my-bytes --bytes | jq 'select(.label == 1)'`;

/** `{"__metadata__":` of safetensors, which no weights go on so. */
const SNAPSHOT: FileKind = {
  name: 'a snapshot of a stream',
  signature: new TextEncoder().encode('{"__metadata__":{"model":"'),
  at: 8,
};

const DAMAGES: ReadonlySet<string> = new Set<ErrorCode>(['snapshot/damaged', 'snapshot/format', 'snapshot/version']);

/** The most symbols that are taken in at once, and what pieces end at a multiple of where they can: reads in memory come in such blocks. */
const LONGEST_PIECE = 1_024;
const BLOCK = 64;

export function addStream(program: Command): void {
  program
    .command('stream')
    .summary('what a model answers to an endless stream of symbols')
    .description('Answers to symbols of standard input as they come, in bounded memory, as lines of JSON.')
    .requiredOption('-m, --model <model>', 'model folder, or the name of a model that comes with hearken')
    .addOption(optionalDevice())
    .option('--text', 'every line is text, a number or a string of JSON too')
    .addOption(new Option('--bytes', 'every byte is the id of a symbol').conflicts('text'))
    .option('--snapshot <file>', 'write what the stream remembers at its end')
    .option('--resume <file>', 'go on from a snapshot')
    .option('--leaves <folder>', 'where a model with a cold store keeps its leaves; default in memory')
    .option('--without-leaves', 'go on from a snapshot without the leaves that it names')
    .addHelpText('after', DETAILS)
    .action(runStream);
}

async function runStream({
  model,
  device,
  text,
  bytes,
  snapshot,
  resume,
  leaves,
  withoutLeaves,
}: StreamOptions): Promise<void> {
  const folder = modelArgument(model, 'tokens');
  if (resume !== undefined) await existingFile(resume);
  await using file =
    snapshot === undefined
      ? undefined
      : await openOutputFile(snapshot, { option: '--snapshot', kind: SNAPSHOT, inputs: [] });
  const { openSymbolStream } = await import('./symbol-stream.ts');
  const { PullObservable, standardInput, writeTo } = await import('../streams/index.ts');
  using interruption = listenForInterruption();
  const { signal } = interruption;
  const begin = { device, leaves, withoutLeaves, isPaused: file !== undefined, onLeavesDropped: reportDropped };
  const from = resume === undefined ? undefined : await readFile(resume);
  await using opened = await openSymbolStream(folder, { ...begin, snapshot: from }).catch((error: unknown) => {
    throw resume === undefined ? error : naming(resume, error);
  });
  const input: SymbolInput = bytes ? 'bytes' : text ? 'text' : 'lines';
  assertTakes(input, opened, model);
  let taken = 0;
  let fault: unknown;
  const onFault = (reason: unknown): void => {
    fault = reason;
  };
  const steps = upTo(readSymbols(standardInput().pull(signal), opened.codec, input), onFault);
  const options = { signal, onFault, isPaused: file !== undefined, onTaken: (count: number) => void (taken += count) };
  await writeTo(new PullObservable(() => answersTo(opened, steps, options)), process.stdout);
  await handedOn();
  await file?.replace(await opened.snapshot());
  if (fault === undefined) return;
  report(`${taken} ${taken === 1 ? 'symbol of the input was' : 'symbols of the input were'} taken in`);
  throw fault;
}

/** What is wrong with the bytes of a snapshot, with the file that they are of. */
function naming(file: string, error: unknown): unknown {
  if (!(error instanceof HearkenError) || !DAMAGES.has(error.code)) return error;
  return new HearkenError(error.code, `${error.message} in ${file}`, { cause: error });
}

function reportDropped(count: number): void {
  const leaves = count === 1 ? '1 leaf that was' : `${count} leaves that were`;
  report(`letting go of ${leaves} written after the snapshot; a newer snapshot of the stream cannot be gone on with`);
}

function assertTakes(input: SymbolInput, { source }: SymbolStream, model: string): void {
  const { unit } = source.symbols;
  if (input !== 'bytes' || unit === 'id') return;
  throw new UsageError(`Expected --bytes with a model of ids, got ${model}, which takes in ${unit}s: give it --text`);
}

type AnswerOptions = {
  readonly signal: AbortSignal;
  /** Whether the last sequence goes on elsewhere. */ readonly isPaused: boolean;
  readonly onTaken: (count: number) => void;
  readonly onFault: (reason: unknown) => void;
};

/** Lines of what `stream` answers to `steps`, and to their end, which is where `signal` is aborted. */
async function* answersTo(
  stream: SymbolStream,
  steps: AsyncIterable<SymbolStep>,
  { signal, isPaused, onTaken, onFault }: AnswerOptions,
): AsyncGenerator<string, void, undefined> {
  for await (const step of steps) {
    for (const piece of step === 'end' ? [] : alignedPieces(step.ids, stream.position())) {
      if (signal.aborted) break;
      yield await stream.take(piece);
      onTaken(piece.length);
    }
    if (signal.aborted) break;
    if (step === 'end') yield await stream.end();
  }
  if (signal.aborted) onFault(signal.reason);
  if (!isPaused) yield await stream.end();
}

/** Consecutive pieces of `ids`, the first of which has number `first`: they end at multiples of a block, but the last. */
function* alignedPieces(ids: Int32Array, first: number): Generator<Int32Array> {
  let start = 0;
  while (start < ids.length) {
    const longest = LONGEST_PIECE - ((first + start) % BLOCK);
    yield ids.subarray(start, start + longest);
    start += longest;
  }
}

/** What `items` gives, up to what it throws, which is told. */
async function* upTo<T>(items: AsyncIterable<T>, onFault: (reason: unknown) => void): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    onFault(error);
  }
}

/** Resolves when all that was written to standard output is out of this process. */
function handedOn(): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write('', (error) => (error ? reject(error) : resolve()));
  });
}

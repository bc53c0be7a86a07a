import type { Command } from 'commander';

import { HearkenError } from '../src/errors.ts';
import type { DecodeSequenceOptions, Hypothesis, SequenceAnswer, StreamingDevice } from '../src/index.ts';
import { drawAlignment, openAlignmentFile } from './alignment-file.ts';
import { deviceOption, tellDevice } from './device-option.ts';
import { listenForInterruption } from './interruption.ts';
import { lineBatches } from './line-batches.ts';
import { modelArgument } from './model-argument.ts';
import { wholeNumber } from './options.ts';
import { printable } from './printable.ts';
import { report } from './report-failure.ts';
import { writesSequences } from './sequence-eval.ts';
import { UsageError } from './usage-error.ts';

export type DecodeOptions = {
  readonly beam: number;
  readonly nbest: number;
  readonly device: StreamingDevice;
  readonly attention?: string;
  readonly json?: true;
  /** Makes of a text what the model takes in; default the text itself. */ readonly prepare?: (text: string) => string;
};

/** Lines that are decoded together at most. */
const BATCH = 64;

const DETAILS = `
Each TEXT is one input; without any, each line of standard input is, and is answered as soon as it is there. With --nbest N an
input has N lines: rank, log-probability and text, with tabs between. An input that holds a symbol which the model does not
know is told on stderr, has an empty line, and makes the exit code 1; the others are answered.

A model that says something of the whole is answered for likewise: a class, or numbers with spaces between; with --nbest the
likeliest classes: rank, probability and label.

--attention draws which symbols of the input each symbol of the output looked at: of one TEXT, and its best answer.

Examples:
  hearken decode runs/reverse abcde
  hearken decode runs/reverse --beam 8 --nbest 3 abcde
  hearken decode runs/reverse --attention reverse.svg abcde
  hearken decode runs/reverse --json < words.txt`;

export function addDecode(program: Command): void {
  program
    .command('decode')
    .summary('what a model of sequences writes about texts, or says of them')
    .description('Writes what a model that takes in symbols makes of texts: other symbols, a class, or numbers.')
    .argument('<model>', 'model folder, or the name of a model that comes with hearken')
    .argument('[text...]', 'inputs; without any, the lines of standard input')
    .option('--beam <N>', 'hypotheses kept after each step; 1 is greedy', wholeNumber(1, 4_096), 4)
    .option('--nbest <N>', 'answers to each input', wholeNumber(1, 4_096), 1)
    .addOption(deviceOption())
    .option('--attention <file>', 'draw the alignment of one input as SVG')
    .option('--json', 'print JSON, a line for each input: scores, symbols and alignments too')
    .addHelpText('after', DETAILS)
    .action(decode);
}

/** Writes what the model called `name` makes of `given`, or of the lines of standard input. */
export async function decode(name: string, given: readonly string[], options: DecodeOptions): Promise<void> {
  const { beam, nbest, device, attention, prepare } = options;
  const texts = prepare === undefined ? given : given.map(prepare);
  if (nbest > beam) throw new UsageError(`Expected --nbest to be at most the beam, ${beam}, got ${nbest}`);
  const folder = modelArgument(name, 'tokens');
  const { loadSequenceModel } = await import('../src/index.ts');
  using interruption = listenForInterruption();
  await using model = await loadSequenceModel(folder, { device, streams: texts.length === 0 ? BATCH : texts.length });
  tellDevice(model);
  const { signal } = interruption;
  if (!writesSequences(model.config)) {
    if (attention !== undefined) {
      throw new UsageError(`Expected --attention with a model that writes, got ${model.config.name}, which does not`);
    }
    const speaker: Speaker<SequenceAnswer> = {
      answer: (inputs) => model.answerAll(inputs, { signal }),
      tell: (input, answer) => printAnswer(input, answer, options),
    };
    if (texts.length > 0) await answerTexts(speaker, texts);
    else await answerLines(speaker, options, signal);
    return;
  }
  await using picture = attention === undefined ? undefined : await openAlignmentFile(attention, texts);
  const search: DecodeSequenceOptions = { beamSize: beam, nBest: nbest, signal };
  const writer: Speaker<Hypothesis[]> = {
    answer: (inputs) => model.decodeAll(inputs, search),
    tell: (input, hypotheses) => printHypotheses(input, hypotheses, options),
  };
  if (texts.length === 0) {
    await answerLines(writer, options, signal);
    return;
  }
  const answers = await answerTexts(writer, texts);
  const [best] = answers[0] ?? [];
  if (picture !== undefined && best !== undefined) {
    await drawAlignment(picture, best, `${texts[0]} → ${best.text}`);
  }
}

/** What is asked about texts, and how its answers are told. */
type Speaker<Answer> = {
  readonly answer: (texts: readonly string[]) => Promise<Answer[]>;
  readonly tell: (input: string, answer: Answer) => void;
};

async function answerTexts<Answer>({ answer, tell }: Speaker<Answer>, texts: readonly string[]): Promise<Answer[]> {
  const answers = await answer(texts);
  for (const [index, each] of answers.entries()) tell(texts[index] ?? '', each);
  return answers;
}

async function answerLines<Answer>(
  speaker: Speaker<Answer>,
  { json, prepare = (text: string): string => text }: DecodeOptions,
  signal: AbortSignal,
): Promise<void> {
  let failed = 0;
  for await (const batch of lineBatches(process.stdin, BATCH)) {
    const lines = batch.map((line) => ({ ...line, text: prepare(line.text) }));
    signal.throwIfAborted();
    const answers = await answersTo(
      speaker,
      lines.map(({ text }) => text),
    );
    for (const [index, answer] of answers.entries()) {
      const { number, text } = lines[index]!; // one for each
      if ('given' in answer) {
        speaker.tell(text, answer.given);
        continue;
      }
      failed++;
      report(`line ${number}: ${answer.refused.message} (${answer.refused.code})`);
      process.stdout.write(json ? `${JSON.stringify({ input: text, error: answer.refused.code })}\n` : '\n');
    }
  }
  if (failed > 0)
    throw new HearkenError('decode/failed', `Expected all lines to be answered, got ${failed} that were not`);
}

/** The answer to each text, or why there is none. */
async function answersTo<Answer>(
  speaker: Speaker<Answer>,
  texts: readonly string[],
): Promise<({ readonly given: Answer } | { readonly refused: HearkenError })[]> {
  try {
    return (await speaker.answer(texts)).map((given) => ({ given }));
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    if (texts.length === 1) return [{ refused: error }];
    const answers = [];
    for (const text of texts) answers.push(...(await answersTo(speaker, [text]))); // so that only its cause is lost
    return answers;
  }
}

function printHypotheses(input: string, hypotheses: readonly Hypothesis[], { nbest, json }: DecodeOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ input, hypotheses })}\n`);
    return;
  }
  for (const [rank, { text, score }] of hypotheses.entries()) {
    const shown = printable(text);
    process.stdout.write(nbest === 1 ? `${shown}\n` : `${rank + 1}\t${score.toFixed(3)}\t${shown}\n`);
  }
  if (hypotheses.length === 0) process.stdout.write('\n');
}

function printAnswer(input: string, answer: SequenceAnswer, { nbest, json }: DecodeOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ input, ...answer })}\n`);
    return;
  }
  const { labels = [], numbers } = answer;
  for (const [rank, { label, probability }] of labels.slice(0, nbest).entries()) {
    const shown = printable(label);
    process.stdout.write(nbest === 1 ? `${shown}\n` : `${rank + 1}\t${probability.toFixed(3)}\t${shown}\n`);
  }
  if (numbers !== undefined) process.stdout.write(`${numbers.join(' ')}\n`);
}

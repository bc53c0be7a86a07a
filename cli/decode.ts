import type { Command } from 'commander';

import { HearkenError } from '../src/errors.ts';
import type { DecodeSequenceOptions, Hypothesis, SequenceModel } from '../src/index.ts';
import { drawAlignment, openAlignmentFile } from './alignment-file.ts';
import { listenForInterruption } from './interruption.ts';
import { lineBatches } from './line-batches.ts';
import { modelArgument } from './model-argument.ts';
import { wholeNumber } from './options.ts';
import { printable } from './printable.ts';
import { report } from './report-failure.ts';
import { UsageError } from './usage-error.ts';

export type DecodeOptions = {
  readonly beam: number;
  readonly nbest: number;
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

--attention draws which symbols of the input each symbol of the output looked at: of one TEXT, and its best answer.

Examples:
  hearken decode runs/reverse abcde
  hearken decode runs/reverse --beam 8 --nbest 3 abcde
  hearken decode runs/reverse --attention reverse.svg abcde
  hearken decode runs/reverse --json < words.txt`;

export function addDecode(program: Command): void {
  program
    .command('decode')
    .summary('what a model of sequences writes about texts')
    .description('Writes what a model that takes in symbols and writes others makes of texts.')
    .argument('<model>', 'model folder, or the name of a model that comes with hearken')
    .argument('[text...]', 'inputs; without any, the lines of standard input')
    .option('--beam <N>', 'hypotheses kept after each step; 1 is greedy', wholeNumber(1, 4_096), 4)
    .option('--nbest <N>', 'answers to each input', wholeNumber(1, 4_096), 1)
    .option('--attention <file>', 'draw the alignment of one input as SVG')
    .option('--json', 'print JSON, a line for each input: scores, symbols and alignments too')
    .addHelpText('after', DETAILS)
    .action(decode);
}

/** Writes what the model called `name` makes of `given`, or of the lines of standard input. */
export async function decode(name: string, given: readonly string[], options: DecodeOptions): Promise<void> {
  const { beam, nbest, attention, prepare } = options;
  const texts = prepare === undefined ? given : given.map(prepare);
  if (nbest > beam) throw new UsageError(`Expected --nbest to be at most the beam, ${beam}, got ${nbest}`);
  const folder = modelArgument(name);
  await using picture = attention === undefined ? undefined : await openAlignmentFile(attention, texts);
  const { loadSequenceModel } = await import('../src/index.ts');
  using interruption = listenForInterruption();
  await using model = await loadSequenceModel(folder);
  const search: DecodeSequenceOptions = { beamSize: beam, nBest: nbest, signal: interruption.signal };
  if (texts.length > 0) {
    const answers = await model.decodeAll(texts, search);
    for (const [index, hypotheses] of answers.entries()) print(texts[index] ?? '', hypotheses, options);
    const [best] = answers[0] ?? [];
    if (picture !== undefined && best !== undefined) {
      await drawAlignment(picture, best, `${texts[0]} → ${best.text}`);
    }
    return;
  }
  await decodeLines(model, search, options);
}

async function decodeLines(model: SequenceModel, given: DecodeSequenceOptions, options: DecodeOptions): Promise<void> {
  let failed = 0;
  const { prepare = (text: string): string => text } = options;
  for await (const batch of lineBatches(process.stdin, BATCH)) {
    const lines = batch.map((line) => ({ ...line, text: prepare(line.text) }));
    given.signal?.throwIfAborted();
    const answers = await answersTo(
      model,
      lines.map(({ text }) => text),
      given,
    );
    for (const [index, answer] of answers.entries()) {
      const { number, text } = lines[index]!; // one for each
      if (Array.isArray(answer)) print(text, answer, options);
      else {
        failed++;
        report(`line ${number}: ${answer.message} (${answer.code})`);
        process.stdout.write(options.json ? `${JSON.stringify({ input: text, error: answer.code })}\n` : '\n');
      }
    }
  }
  if (failed > 0)
    throw new HearkenError('decode/failed', `Expected all lines to be answered, got ${failed} that were not`);
}

/** The answer to each text, or why there is none. */
async function answersTo(
  model: SequenceModel,
  texts: readonly string[],
  given: DecodeSequenceOptions,
): Promise<(Hypothesis[] | HearkenError)[]> {
  try {
    return await model.decodeAll(texts, given);
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    if (texts.length === 1) return [error];
    const answers: (Hypothesis[] | HearkenError)[] = [];
    for (const text of texts) answers.push(...(await answersTo(model, [text], given))); // so that only its cause is lost
    return answers;
  }
}

function print(input: string, hypotheses: readonly Hypothesis[], { nbest, json }: DecodeOptions): void {
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

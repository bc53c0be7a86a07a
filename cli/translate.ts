/** `hearken translate`: messages of programs from English to German, line by line. */
import { createInterface } from 'node:readline';

import type { Command } from 'commander';

import type { AlignedSymbols } from '../corpora/translation/word-alignment.ts';
import type { Hypothesis, SequenceModel } from '../src/sequence/model.ts';
import { drawAlignment, openAlignmentFile } from './alignment-file.ts';
import type { StreamingDevice } from '../src/index.ts';
import { deviceOption, tellDevice } from './device-option.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { wholeNumber } from './options.ts';

type TranslateOptions = {
  readonly model: string;
  readonly beam: number;
  readonly device: StreamingDevice;
  readonly attention?: string;
  readonly json?: true;
};

const NAME = 'translate-en-de';
const DETAILS = `
Text is translated line by line, each as soon as it is there; placeholders (%s, {name}, %1) are put back as they were.
The model learns from the messages of programs: menus, options, errors. It knows little else.

--attention draws which words of the text each word of its translation looked at: of one TEXT.

Examples:
  hearken translate "The file could not be opened."
  xgettext -o - app.c | sed -n 's/^msgid "\\(..*\\)"$/\\1/p' | hearken translate
  hearken translate --json "Open %s"
  hearken translate --attention words.svg "The file could not be opened."`;

export function addTranslate(program: Command): void {
  program
    .command('translate')
    .summary('translate messages of programs from English to German')
    .description('Translates texts, or the lines of standard input, from English to German.')
    .argument('[text...]', 'what to translate; without it the lines of standard input')
    .option('--model <folder>', 'model folder, or the name of a model that comes with hearken', NAME)
    .option('--beam <width>', 'hypotheses that are kept after each piece', wholeNumber(1, 4_096), 4)
    .addOption(deviceOption())
    .option('--attention <file>', 'draw as SVG which words of one text the words of its translation looked at')
    .option('--json', 'print a line of JSON for each text, with its score and the shares of attention')
    .addHelpText('after', DETAILS)
    .action(runTranslate);
}

async function runTranslate(texts: readonly string[], options: TranslateOptions): Promise<void> {
  const folder = modelArgument(options.model, 'tokens');
  const { attention, json, device } = options;
  await using picture = attention === undefined ? undefined : await openAlignmentFile(attention, texts);
  const { loadSequenceModel } = await import('../src/sequence/load-model.ts');
  using interruption = listenForInterruption();
  await using model = await loadSequenceModel(folder, { device });
  tellDevice(model);
  const lines =
    texts.length > 0 ? texts : createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    interruption.signal.throwIfAborted();
    const { text, best, originals } = await translated(model, line, options, interruption.signal);
    process.stdout.write(`${json ? JSON.stringify({ source: line, ...best, text }) : text}\n`);
    if (picture === undefined || best === undefined) continue;
    await drawAlignment(picture, await inWords(best, originals), `${line} → ${text}`);
  }
}

type Translation = {
  readonly text: string;
  /** As the model wrote it: with numbers in place of placeholders. None for an empty line. */ readonly best?: Hypothesis;
  /** The placeholders of the line. */ readonly originals: readonly string[];
};

/** The translation of one line; an empty line stays empty. */
async function translated(
  model: SequenceModel,
  line: string,
  { beam }: TranslateOptions,
  signal: AbortSignal,
): Promise<Translation> {
  const { numberPlaceholders, restorePlaceholders } = await import('../corpora/catalogs/placeholders.ts');
  const { text: source, originals } = numberPlaceholders(line.trim());
  const [best] = source === '' ? [] : await model.decode(source, { beamSize: beam, lengthExponent: 1, signal });
  const text = restorePlaceholders(best?.text ?? '', originals);
  return { text, originals, ...(best === undefined ? {} : { best }) };
}

/** Words in place of pieces, and placeholders as they were. */
async function inWords(best: Hypothesis, originals: readonly string[]): Promise<AlignedSymbols> {
  const { restorePlaceholders } = await import('../corpora/catalogs/placeholders.ts');
  const { alignmentOfWords } = await import('../corpora/translation/word-alignment.ts');
  const restored = (words: readonly string[]): string[] => words.map((word) => restorePlaceholders(word, originals));
  const { inputSymbols, outputSymbols, alignment } = alignmentOfWords(best);
  return { inputSymbols: restored(inputSymbols), outputSymbols: restored(outputSymbols), alignment };
}

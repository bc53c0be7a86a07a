import { type Command, Option } from 'commander';

import type { StreamingDevice } from '../src/index.ts';
import { addCodeForm, type CodeFormOptions, codeFormOf } from './code-form.ts';
import { deviceOption } from './device-option.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { UsageError } from './usage-error.ts';

/** Options as commander gives them. */
type CodesOptions = CodeFormOptions & {
  readonly model: string;
  readonly device: StreamingDevice;
  readonly json?: true;
  readonly csv?: true;
};

const DETAILS = `
Each utterance is a code. Of all that it may have been the likeliest is written that satisfies the check digits and is in the list;
where none is likely enough (--margin), the likeliest that does not, which is told.

Examples:
  hearken codes --pattern '\\d{4}' pin.wav
  hearken codes --pattern '\\d{16}' --check luhn calls/*.wav --csv > cards.csv
  hearken codes --pattern '[A-Z]{2}-?\\d{6}' --list orders.txt calls/*.wav --json
  hearken codes --grammar menu.gram calls/*.wav         rules in JSGF, or in GRXML; tags are what is written`;

export function addCodes(program: Command): void {
  const command = program
    .command('codes')
    .summary('codes of a known form, as they are written')
    .description(
      'Prints every code that is said in recordings: when, how it is written, whether it is valid, and what else it may be.',
    )
    .argument('<files...>', 'recordings')
    .option('-m, --model <folder>', 'model folder, or the name of a model that comes with hearken', 'codes-en')
    .addOption(deviceOption())
    .option(
      '-g, --grammar <file>',
      'hear what rules allow: a file in JSGF or GRXML, or builtin:grammar/digits?length=6',
    );
  addCodeForm(command)
    .addOption(new Option('--json', 'print one array with an entry a recording').conflicts('csv'))
    .option('--csv', 'print a line a code: comma-separated values under a header')
    .addHelpText('after', DETAILS)
    .action(async (files: readonly string[], options: CodesOptions) => {
      const form = await codeFormOf(options);
      if (form === undefined) throw new UsageError(expectedForm(options.grammar));
      const sizes = new Map<string, number>();
      for (const file of files) sizes.set(file, await existingFile(file));
      const model = modelArgument(options.model, 'audio');
      using interruption = listenForInterruption();
      const { codesOfFiles } = await import('./codes-of-files.ts');
      await codesOfFiles(sizes, { ...options, model, form }, interruption.signal);
    });
}

function expectedForm(grammar: string | undefined): string {
  if (grammar === undefined) return 'Expected --pattern, what the codes look like, or --grammar, got none';
  return `Expected --grammar to be a file in JSGF (#JSGF V1.0;) or GRXML, or builtin:grammar/digits, got ${grammar}`;
}

import { Command } from 'commander';

import { packageVersion } from '../src/package-root.ts';
import { addCaption } from './caption.ts';
import { addCodes } from './codes.ts';
import { addDecode } from './decode.ts';
import { addDevices } from './devices.ts';
import { addEval } from './eval.ts';
import { addExport } from './export.ts';
import { addG2p } from './g2p.ts';
import { addInspect } from './inspect.ts';
import { addKeys } from './keys.ts';
import { addListen } from './listen.ts';
import { addModels } from './models.ts';
import { oneLine } from './printable.ts';
import { addServe } from './serve.ts';
import { addStream } from './stream.ts';
import { addTrain } from './train.ts';
import { addTranscribe } from './transcribe.ts';
import { addTranslate } from './translate.ts';
import { UsageError } from './usage-error.ts';

const EXAMPLES = `
Examples:
  hearken transcribe call.wav                    words with times, as they are settled
  hearken transcribe --grammar digits pin.wav    digits only
  hearken codes --pattern '\\d{4}' pin.wav        codes of a known form, as they are written
  hearken serve                                  live streams over WebSockets
  hearken listen call.wav --url ws://127.0.0.1:8080/v1/stream
  hearken inspect codes-en                       what a model is made of
  hearken help transcribe                        everything about a subcommand

Exit codes: 0 done, 1 failed, 2 the command line is at fault (unknown option, missing file), 130 interrupted.`;

/** The whole command line. Subcommands load what they need when they run, so that help and a first word come fast. */
export function createProgram(): Command {
  const program = new Command('hearken')
    .description(
      'Hears spoken codes (digits and letters) in recordings of any length and says when each word was said.',
    )
    .version(packageVersion())
    .showSuggestionAfterError()
    .configureOutput({ outputError: (message, write) => write(asOneLine(message)) })
    .addHelpText('after', EXAMPLES)
    .helpCommand(false)
    .hook('preAction', (_, command) => assertValues(command))
    .exitOverride();
  const commands = [
    addTranscribe,
    addCodes,
    addTranslate,
    addCaption,
    addServe,
    addKeys,
    addListen,
    addTrain,
    addDecode,
    addStream,
    addG2p,
    addEval,
    addExport,
    addInspect,
    addModels,
    addDevices,
  ];
  for (const add of commands) add(program);
  addHelp(program);
  return program;
}

/** Commander's own shows the whole help where there is no such command, as if nothing were wrong. */
function addHelp(program: Command): void {
  program
    .command('help')
    .summary('everything about a subcommand')
    .argument('[command]')
    .action((name: string | undefined) => {
      const named = name === undefined ? program : program.commands.find((command) => command.name() === name);
      if (named === undefined) throw new UsageError(`Expected a subcommand to help with, got ${name}`);
      named.help();
    });
}

/** An empty value is a variable of a script that nobody set, and would name the working directory. */
function assertValues(command: Command): void {
  const { args, options } = command;
  if (args.includes('')) throw new UsageError(`Expected arguments of ${command.name()} not to be empty, got ''`);
  for (const option of options) {
    const isTyped = command.getOptionValueSource(option.attributeName()) === 'cli';
    const value: unknown = command.getOptionValue(option.attributeName());
    if (isTyped && [value].flat().includes('')) throw new UsageError(`Expected ${option.long} not to be empty, got ''`);
  }
}

/** Commander puts its suggestion on a line of its own; an error here is one line. */
function asOneLine(message: string): string {
  const [what = '', ...suggestion] = message.replace(/^error: /, '').split(/\n(?=\(Did you mean )/);
  return `hearken: ${oneLine([what.trimEnd(), ...suggestion.map((line) => line.trimEnd())].join(' '))}\n`;
}

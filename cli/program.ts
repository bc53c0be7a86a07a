import { readFileSync } from 'node:fs';
import { Command } from 'commander';

import { packageFile } from './package-file.ts';

/** The whole command line. Subcommands load what they need when they run, so that `--help` and a first word come fast. */
export function createProgram(): Command {
  const program = new Command('hearken')
    .description('Hears spoken codes (digits and letters) in recordings of any length, with times.')
    .version(packageVersion())
    .showSuggestionAfterError()
    .configureOutput({ outputError: (message, write) => write(oneLine(message)) })
    .exitOverride();
  return program;
}

/** Commander puts its suggestion on a line of its own; an error here is one line. */
function oneLine(message: string): string {
  return `hearken: ${message
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')}\n`;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }; // ours
  return version;
}

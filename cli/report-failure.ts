import { CommanderError } from 'commander';

import { HearkenError } from '../src/errors.ts';
import { UsageError } from './usage-error.ts';

/** The command did its work, failed at it, was not given work that it can start on, or was stopped by Ctrl-C. */
const EXIT_CODES = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Refusals of the engine whose cause is a name on the command line. */
const USAGE_CODES: ReadonlySet<string> = new Set(['model/not-found', 'recipe/missing', 'keys/name']);

/** Tells a failure on stderr, in a line (a configuration file's faults have one each), and returns the exit code: 2 where the command line is at fault, else 1. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its line (or the help that was asked for) already.
    return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  }
  if (error instanceof UsageError) {
    for (const line of error.message.split('\n')) process.stderr.write(`hearken: ${line}\n`);
    return EXIT_CODES.usage;
  }
  if (error instanceof HearkenError) {
    process.stderr.write(`hearken: ${error.message} (${error.code})\n`);
    return USAGE_CODES.has(error.code) ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write('hearken: interrupted\n');
    return EXIT_CODES.interrupted;
  }
  // Not foreseen: the stack is what a bug report needs.
  process.stderr.write(`hearken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_CODES.failed;
}

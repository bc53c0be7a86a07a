import { CommanderError } from 'commander';

import { StreamError } from '../client/index.ts';
import type { ErrorCode } from '../src/error-codes.ts';
import { HearkenError } from '../src/errors.ts';
import { InterruptionError } from './interruption.ts';
import { oneLine } from './printable.ts';
import { UsageError } from './usage-error.ts';

/** The command did its work, failed at it, or was not given work that it can start on. */
export const EXIT_CODES = { done: 0, failed: 1, usage: 2 } as const;

/** Refusals of the engine, here or on a server, whose cause is a name on the command line. */
const USAGE_CODES: ReadonlySet<string> = new Set<string>([
  'access/file',
  'export/unwritable',
  'grammar/ambiguous-word',
  'grammar/builtin',
  'grammar/empty',
  'grammar/grxml',
  'grammar/jsgf',
  'grammar/pattern',
  'grammar/rule',
  'grammar/too-large',
  'grammar/unknown-name',
  'grammar/unknown-word',
  'grammar/unspoken',
  'keys/file',
  'keys/name',
  'leaves/folder',
  'leaves/in-use',
  'manifest/beyond-recording',
  'manifest/line',
  'manifest/missing',
  'manifest/no-recording',
  'manifest/vocabulary',
  'model/not-found',
  'pairs/line',
  'recipe/invalid',
  'recipe/missing',
  'snapshot/cold-store',
  'snapshot/damaged',
  'snapshot/format',
  'snapshot/model',
  'snapshot/version',
  'tls/certificate',
  'tls/file',
  'tokens/keys',
  'tokens/secret',
] satisfies ErrorCode[]);

/** Tells a failure on stderr, in a line (a configuration file's faults have one each), and returns the exit code: 2 where the command line is at fault, else 1. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its line (or the help that was asked for) already.
    return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  }
  if (error instanceof UsageError) {
    for (const fault of error.faults) report(fault);
    return EXIT_CODES.usage;
  }
  if (error instanceof HearkenError || error instanceof StreamError) {
    report(`${error.message} (${error.code})`);
    return USAGE_CODES.has(error.code) ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
  const interruption = interruptionOf(error);
  if (interruption !== undefined) {
    report('interrupted');
    return interruption.exitCode;
  }
  if (error instanceof Error && 'syscall' in error) {
    report(error.message); // the system's refusal, such as a full disk: no bug of ours
    return EXIT_CODES.failed;
  }
  // Not foreseen: the stack is what a bug report needs.
  const lines = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`hearken: ${lines.split('\n').map(oneLine).join('\n')}\n`);
  return EXIT_CODES.failed;
}

/** Node's own functions put the reason of an abort into the cause of theirs. */
function interruptionOf(error: unknown): InterruptionError | undefined {
  const causes = [error, error instanceof Error ? error.cause : undefined];
  return causes.find((cause) => cause instanceof InterruptionError);
}

/** A line for people, on stderr. */
export function report(message: string): void {
  process.stderr.write(`hearken: ${oneLine(message)}\n`);
}

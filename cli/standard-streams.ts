import { EXIT_CODES, report } from './report-failure.ts';

/** Ends the process in a line where standard output cannot be written: what a command prints is what it is run for. */
export function watchStandardStreams(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that closes early (`hearken ... | head`) is no failure.
    if (code === 'EPIPE') process.exit(EXIT_CODES.done);
    report(`Expected to write to standard output, got ${code}`);
    process.exit(EXIT_CODES.failed);
  });
  // Nobody is left to be told, and the work is not in vain.
  process.stderr.on('error', () => {});
}

import { EXIT_CODES } from './report-failure.ts';

/** How long what a failed or interrupted command has left open (a pipe that somebody else writes to, say) may keep the process. */
const LINGER_MS = 250;

/** Lets the process end with `code`, and sees to it that it does where the command did not come to its end. */
export function endWith(code: number): void {
  process.exitCode = code;
  if (code === EXIT_CODES.done) return;
  setTimeout(() => {
    // An exit would wait for reads in hand, which may never end; a signal does not.
    if (code === EXIT_CODES.interrupted) process.kill(process.pid, 'SIGINT');
    else process.exit(code);
  }, LINGER_MS).unref();
}

import { INTERRUPTION_CODES } from './interruption.ts';
import { EXIT_CODES } from './report-failure.ts';

/**
 * Milliseconds that something which a failed or interrupted command has left open (a pipe that another program writes
 * to, say) may keep the process.
 */
const LINGER_MS = 250;

/** Lets the process end with `code`, and sees to it that it does where the command did not come to its end. */
export function endWith(code: number): void {
  process.exitCode = code;
  if (code === EXIT_CODES.done) return;
  const interruption = Object.entries(INTERRUPTION_CODES).find(([, exitCode]) => exitCode === code);
  if (interruption === undefined) {
    setTimeout(() => process.exit(code), LINGER_MS).unref();
    return;
  }
  // An exit would wait for reads in hand, which may never end, and looks for a terminal that may be gone; a signal does not.
  const [signal] = interruption;
  setTimeout(() => process.kill(process.pid, signal), LINGER_MS);
}

import { createProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

/** Runs a command line, given without `node` and script; returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

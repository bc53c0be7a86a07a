/** What the system says of the files of leaves, as errors of the engine. */
import { HearkenError } from '../errors.ts';

/** `leaves/folder` where a stream is opened, `leaves/failed` later. */
type Code = 'leaves/folder' | 'leaves/failed';

/** What `work` gives. Throws `code` with the folder and the cause where the system refuses it something. */
export function onFiles<Result>(folder: string, code: Code, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new HearkenError(code, `Expected to keep leaves in ${folder}, got ${error.message}`, { cause: error });
  }
}

import type { Writable } from 'node:stream';

import type { Observable } from 'rxjs';

import { wrongType } from '../../src/arguments.ts';
import { HearkenError } from '../../src/errors.ts';
import { pull } from '../pull.ts';

/**
 * Writes what comes to a stream of Node (standard output, a file, a response) and waits while that is full, so that a slow reader slows the
 * source down. Resolves when all is handed over; the stream stays open. Rejects with the source's error, with what the stream fails with,
 * `output/unwritable` where it is closed, or the reason of `signal`. Throws `option/type`.
 *
 * @example
 * ```ts
 * import { writeTo } from 'hearken/streams';
 * import { of } from 'rxjs';
 *
 * await writeTo(of('one\n', 'two\n'), process.stdout);
 * // => one
 * // => two
 * ```
 */
export function writeTo(
  source: Observable<string | Uint8Array>,
  output: Writable,
  signal?: AbortSignal,
): Promise<void> {
  if (!('write' in Object(output))) throw wrongType('output', 'a stream that can be written', output);
  return writeAll(pull(source, signal), output);
}

async function writeAll(pieces: AsyncIterable<string | Uint8Array>, output: Writable): Promise<void> {
  const ignore = (): void => undefined; // what it fails with is looked at where it is written to
  output.on('error', ignore);
  try {
    for await (const piece of pieces) {
      if (output.destroyed) throw closedError(output);
      if (!output.write(piece)) await drained(output);
    }
  } finally {
    output.off('error', ignore);
  }
}

function drained(output: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => end(resolve);
    const onClose = (): void => end(() => reject(closedError(output)));
    const onError = (error: unknown): void => end(() => reject(error));
    const end = (settle: () => void): void => {
      output.off('drain', onDrain).off('error', onError).off('close', onClose);
      settle();
    };
    output.on('drain', onDrain).on('error', onError).on('close', onClose);
  });
}

function closedError({ errored }: Writable): Error {
  return errored ?? new HearkenError('output/unwritable', 'Expected an open stream to write to, got a closed one');
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { aString, typed } from '../../src/arguments.ts';
import { HearkenError } from '../../src/errors.ts';
import { PullObservable } from '../pull-observable.ts';

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** The most characters that an error quotes of a program's stderr. */
const LONGEST_COMPLAINT = 500;

/**
 * What a program writes to standard output, a microphone's recorder for example:
 * `programOutput('arecord', ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '16000'])`. It is started by each subscription,
 * waits in its pipe (of the operating system, 64 KiB or so) when nobody asks, and is ended when nobody listens any more.
 *
 * Gives `program/not-found`, `program/not-started`, or `program/failed` with what it said last. Throws `option/type`.
 *
 * @example
 * ```ts
 * import { programOutput } from 'hearken/streams';
 * import { lastValueFrom } from 'rxjs';
 *
 * console.log(`${await lastValueFrom(programOutput('printf', ['hello']))}`);
 * // => hello
 * ```
 */
export function programOutput(program: string, options: readonly string[] = []): PullObservable<Uint8Array> {
  aString('program', program);
  const isStrings = (value: unknown): boolean =>
    Array.isArray(value) && value.every((each) => typeof each === 'string');
  typed('a list of strings', isStrings)('options', options);
  return new PullObservable((signal) => outputOf(program, options, signal));
}

async function* outputOf(
  name: string,
  options: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const program = spawn(name, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaint = lastWords(program);
  const ended = once(program, 'close'); // rejects where the program could not be started
  ended.catch(() => {}); // looked at below, when its output is over
  const stop = (): void => void program.kill();
  signal.addEventListener('abort', stop, { once: true });
  try {
    yield* program.stdout;
    const [status, killedBy] = await ended.catch((cause: unknown) => {
      throw notStarted(name, cause);
    });
    if (status !== 0) throw failed(name, String(status ?? killedBy), complaint());
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function lastWords({ stderr }: Program): () => string {
  let words = '';
  stderr.setEncoding('utf8').on('data', (more: string) => {
    words = (words + more).slice(-LONGEST_COMPLAINT);
  });
  return () => words.trim();
}

function notStarted(name: string, cause: unknown): HearkenError {
  const { code, message } = cause as NodeJS.ErrnoException; // what a child process fails with
  if (code === 'ENOENT') {
    return new HearkenError('program/not-found', `Expected a program \`${name}\`, got none of this name`, { cause });
  }
  return new HearkenError('program/not-started', `Expected to start \`${name}\`, got ${message}`, { cause });
}

function failed(name: string, status: string, complaint: string): HearkenError {
  const words = complaint === '' ? '' : `: ${complaint}`;
  return new HearkenError('program/failed', `Expected \`${name}\` to end with status 0, got ${status}${words}`);
}

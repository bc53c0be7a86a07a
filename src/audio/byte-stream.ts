import { createReadStream } from 'node:fs';

import { HearkenError } from '../errors.ts';

/** Bytes that arrive in pieces. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type ByteStream = AsyncGenerator<Uint8Array, void, undefined>;

/** The bytes of a file. Throws `audio/no-file`, `audio/is-directory` or `audio/unreadable`, which name it. */
export async function* readFileBytes(path: string): ByteStream {
  try {
    yield* createReadStream(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): HearkenError {
  const { code, message } = cause as NodeJS.ErrnoException; // what file streams throw
  if (code === 'ENOENT') {
    return new HearkenError('audio/no-file', `Expected an audio file, got \`${path}\`, which does not exist`, {
      cause,
    });
  }
  if (code === 'EISDIR') {
    return new HearkenError('audio/is-directory', `Expected an audio file, got the directory \`${path}\``, { cause });
  }
  return new HearkenError('audio/unreadable', `Expected to read \`${path}\`, got ${message}`, { cause });
}

/** The bytes of `source` in pieces of at most `longest`, none of them empty. */
export async function* inPieces(source: ByteSource, longest: number): ByteStream {
  for await (const bytes of source) {
    for (let start = 0; start < bytes.length; start += longest) yield bytes.subarray(start, start + longest);
  }
}

/** The first `count` bytes, fewer where there are no more, and a stream of all bytes, those too. */
export async function peek(stream: ByteStream, count: number): Promise<{ head: Uint8Array; whole: ByteStream }> {
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < count; ) {
    const { done, value } = await stream.next();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  const head = Buffer.concat(pieces).subarray(0, count);
  return { head, whole: chain(pieces, stream) };
}

async function* chain(first: readonly Uint8Array[], rest: ByteStream): ByteStream {
  try {
    yield* first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

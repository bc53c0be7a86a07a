import { createReadStream } from 'node:fs';

import { existingFile } from './existing.ts';
import { UsageError } from './usage-error.ts';

/** More than the words of any model. */
const MOST_BYTES = 1_048_576;

/** The text of a file of words, or of a pipe. Throws a usage error on a folder, on what is no text, and on what is too long. */
export async function readWordList(path: string): Promise<string> {
  await existingFile(path);
  const pieces: Buffer[] = [];
  let length = 0;
  // It may be a device without an end.
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    pieces.push(piece); // without an encoding a file stream gives buffers
    length += piece.length;
    if (length > MOST_BYTES)
      throw new UsageError(`Expected --grammar ${path} to be ${MOST_BYTES} bytes at most, got more`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
    if (!text.includes('\0')) return text;
  } catch {
    // told of below
  }
  throw new UsageError(`Expected --grammar ${path} to be a text of words, got another kind of file`);
}

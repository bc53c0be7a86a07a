/** A recording that is heard while it comes in, kept for as long as it may have to be heard again. */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';

export type FileCopy = {
  /** Gives `bytes` on, and keeps them where the disk lets it. */
  readonly keep: (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array, void, undefined>;
  /** The bytes that were kept. Throws `request/form` where they could not be kept. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly discard: () => Promise<void>;
};

/** A copy may be kept in memory by the system; where it is longer than this, fields have to come first. */
const LONGEST_COPY = 64 * 2 ** 20;

/** Keeps a copy of bytes in a temporary file, which only the server's user can read and which has no name for long. */
export function createFileCopy(): FileCopy {
  let file: FileHandle | undefined;
  let fault = 'nothing was kept';
  let isKept = true;
  let length = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    try {
      length += bytes.length;
      if (length > LONGEST_COPY) {
        isKept = false;
        fault = `it is longer than ${LONGEST_COPY} bytes`;
        return await file?.truncate();
      }
      file ??= await openNameless();
      await file.writeFile(bytes); // at the end of what was written before
    } catch (error) {
      isKept = false;
      fault = (error as NodeJS.ErrnoException).code ?? 'failed'; // of node:fs
    }
  };
  return {
    keep: async function* keep(bytes) {
      for await (const piece of bytes) {
        if (isKept) await write(piece);
        yield piece;
      }
    },
    read: () => {
      if (file !== undefined && isKept) return file.createReadStream({ start: 0, autoClose: false });
      const expected = 'Expected the fields that say how to hear before `file`';
      throw new HearkenError('request/form', `${expected}, for it could not be kept (${fault})`);
    },
    discard: async () => {
      await file?.close();
    },
  };
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-upload-'));
  try {
    return await open(join(folder, 'recording'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true }); // an open file goes on without a name
  }
}

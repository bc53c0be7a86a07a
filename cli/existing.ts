import type { Stats } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';

import { UsageError } from './usage-error.ts';

/** Refuses a path of the command line that is not a file. Returns its size in bytes (0 for a pipe or device). */
export async function existingFile(path: string): Promise<number> {
  const found = await statistics(path, 'a file');
  if (found.isDirectory()) throw new UsageError(`Expected a file, got the folder ${path}`);
  await access(path, constants.R_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw new UsageError(`Expected a file that can be read, got ${path}: ${code}`);
  });
  return found.isFile() ? found.size : 0;
}

/** Refuses a path of the command line that is not a folder. */
export async function existingFolder(path: string): Promise<void> {
  const found = await statistics(path, 'a folder');
  if (!found.isDirectory()) throw new UsageError(`Expected a folder, got the file ${path}`);
}

async function statistics(path: string, expected: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // node:fs throws no others
    const reason = code === 'ENOENT' ? 'there is none' : (code ?? 'it cannot be read');
    throw new UsageError(`Expected ${expected} at ${path}: ${reason}`, { cause: error });
  }
}

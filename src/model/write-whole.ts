import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes `file` whole or not at all: a process killed meanwhile, or a disk that is full, leaves the old content or the new one.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
}

import { rename, writeFile } from 'node:fs/promises';

/** Writes `file` whole or not at all: a process killed meanwhile leaves the old content or the new one. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, content);
  await rename(partial, file);
}

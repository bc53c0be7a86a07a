import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Which of `programs` are not on the path. */
export function missingPrograms(...programs: readonly string[]): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}

/** For the title of a suite that is skipped where something is missing. */
export function skipNote(missing: readonly string[]): string {
  return missing.length === 0 ? '' : ` (skipped without ${missing.join(', ')})`;
}

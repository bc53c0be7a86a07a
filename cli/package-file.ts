import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of a file of this package, whether we run from the sources or from `dist/`. */
export function packageFile(path: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, path);
}

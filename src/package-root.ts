import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of this package: the nearest one above this file with a `package.json`. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder)) {
    folder = path.dirname(folder);
  }
  return folder;
}

/** The path of a file of this package, whether we run from the sources or from `dist/`. */
export function packageFile(file: string): string {
  return path.join(packageRoot(), file);
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }; // ours
  return version;
}

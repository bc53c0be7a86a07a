import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of this package: the nearest one above this file with a `package.json`. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder)) {
    folder = path.dirname(folder);
  }
  return folder;
}

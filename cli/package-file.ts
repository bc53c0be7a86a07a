import { join } from 'node:path';

import { packageRoot } from '../src/runtime/backends.ts';

/** Path of a file of this package, whether we run from the sources or from `dist/`. */
export function packageFile(path: string): string {
  return join(packageRoot(), path);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from '../src/package-root.ts';

/** Path of a file of this package, whether we run from the sources or from `dist/`. */
export function packageFile(path: string): string {
  return join(packageRoot(), path);
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }; // ours
  return version;
}

/** Where models are looked for. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

/**
 * The folder of model `name`: from the working directory, else from the package; a bare name also means the package's
 * `models/NAME`. Throws `model/not-found`.
 */
export function modelFolder(name: string): string {
  const isBare = path.basename(name) === name;
  const places = [path.resolve(name), path.join(packageRoot(), ...(isBare ? ['models'] : []), name)];
  const found = places.find((place) => existsSync(path.join(place, 'config.json'))) ?? places.find(existsSync);
  if (found !== undefined) return found;
  throw new HearkenError('model/not-found', `Expected a model folder at ${places.join(' or ')}, got nothing there`);
}

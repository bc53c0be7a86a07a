/** What npm installs for whoever installs the package, by the lock file: nothing is installed to find out. */
import { readFileSync } from 'node:fs';

import { consumerManifest } from '../../scripts/consumer-manifest.ts';

type Dependencies = Readonly<Record<string, string>>;

type Manifest = {
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
};

/** Locations in the lock file, such as `node_modules/rxjs`, of all that the package depends on, directly or not. */
export function consumerPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, Manifest>; // npm's
  };
  const own = JSON.parse(
    consumerManifest(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  ) as Manifest; // ours
  const found = new Set<string>();
  const visit = (location: string, manifest: Manifest): void => {
    for (const name of installedFor(manifest)) {
      const dependency = locationOf(packages, location, name);
      if (dependency === undefined || found.has(dependency)) continue;
      found.add(dependency);
      visit(dependency, packages[dependency] ?? {});
    }
  };
  visit('', own);
  return [...found].toSorted();
}

/** What npm installs without being asked to. */
function installedFor(manifest: Manifest): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Where `name` is for the package at `location`: in it, or in a folder above. Some of other platforms are nowhere. */
function locationOf(packages: Readonly<Record<string, Manifest>>, location: string, name: string): string | undefined {
  for (let folder = location; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (place in packages) return place;
    if (folder === '') return undefined;
  }
}

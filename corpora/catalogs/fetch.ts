/** The German message catalogues of Debian packages, which are downloaded and unpacked, but not installed. */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runProgram } from '../programs.ts';
import type { Catalog } from './data-set.ts';
import { type Message, readMessages } from './message-file.ts';
import { CATALOG_PACKAGES, roleOf } from './packages.ts';

/** Packages that one call of `apt-get` fetches: reading its lists takes longer than fetching one. */
const BATCH = 25;
/** Beside the catalogues of a package: its version. */
const VERSION_FILE = 'version';

/** Whether the catalogue in `path` is German. */
export function isGerman(path: string): boolean {
  return /(?:^|\/)de(?:_DE)?(?:\.UTF-8)?\/.*\.mo$|(?:^|[/_-])de(?:_DE)?\.mo$/u.test(path);
}

/** Fetches what is missing in `folder`: a folder for each package, with its catalogues. `onPackages` hears the names of each call. */
export async function fetchCatalogs(folder: string, onPackages: (names: readonly string[]) => void): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = new Set(await readdir(folder));
  const missing = Object.keys(CATALOG_PACKAGES).filter((name) => !present.has(name));
  for (let start = 0; start < missing.length; start += BATCH) {
    const names = missing.slice(start, start + BATCH);
    onPackages(names);
    await fetchBatch(folder, names);
  }
}

async function fetchBatch(folder: string, names: readonly string[]): Promise<void> {
  const work = await mkdtemp(join(folder, '.download-'));
  try {
    await runProgram('apt-get', ['download', ...names], { cwd: work });
    for (const archive of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
      const [name = '', version = ''] = archive.split('_');
      const [unpacked, kept] = [join(work, `${name}.unpacked`), join(work, name)];
      await runProgram('dpkg-deb', ['-x', join(work, archive), unpacked]);
      await mkdir(kept);
      for (const [index, path] of (await germanFilesOf(unpacked)).entries()) {
        await cp(join(unpacked, path), join(kept, `${index}.mo`));
      }
      await writeFile(join(kept, VERSION_FILE), decodeURIComponent(version));
      await rename(kept, join(folder, name));
      await rm(unpacked, { recursive: true });
    }
  } finally {
    await rm(work, { recursive: true });
  }
}

/** In a fixed order. */
async function germanFilesOf(unpacked: string): Promise<string[]> {
  const entries = await readdir(unpacked, { recursive: true });
  const files: string[] = [];
  for (const path of entries.filter(isGerman).toSorted()) {
    const there = await stat(join(unpacked, path)).catch(() => undefined); // a link may lead out of the package
    if (there?.isFile() === true) files.push(path);
  }
  return files;
}

/** All catalogues below `folder`, and of each package the version that they are of. */
export async function readCatalogs(
  folder: string,
): Promise<{ readonly catalogs: Catalog[]; readonly versions: Record<string, string> }> {
  const catalogs: Catalog[] = [];
  const versions: Record<string, string> = {};
  for (const name of Object.keys(CATALOG_PACKAGES)) {
    const files = (await readdir(join(folder, name))).filter((file) => file.endsWith('.mo'));
    const messages: Message[] = [];
    for (const file of files.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
      messages.push(...readMessages(await readFile(join(folder, name, file))));
    }
    catalogs.push({ name, role: roleOf(name), messages });
    versions[name] = await readFile(join(folder, name, VERSION_FILE), 'utf8');
  }
  return { catalogs, versions };
}

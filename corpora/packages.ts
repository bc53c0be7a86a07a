import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { HearkenError } from '../src/errors.ts';

import { runProgram } from './programs.ts';

/** Debian packages whose sounds are used here. None of their content may be redistributed with this project. */
export const SPEECH_PACKAGES = [
  'asterisk-core-sounds-en',
  'asterisk-core-sounds-en-g722',
  'asterisk-core-sounds-fr',
  'asterisk-core-sounds-fr-g722',
  'asterisk-core-sounds-it',
  'asterisk-core-sounds-it-g722',
  'asterisk-core-sounds-ru',
  'asterisk-core-sounds-ru-g722',
  'asterisk-moh-opsound-wav',
  'csmash-data',
  'fillets-ng-data',
  'fillets-ng-data-cs',
  'fillets-ng-data-nl',
  'gentle',
  'klettres-data',
  'ktuberling-data',
  'pocketsphinx-en-us',
  'pocketsphinx-testdata',
  'qabcs-data',
  'saytime',
  'scid-data',
  'sonic-pi-samples',
  'tuxpaint-stamps-default',
] as const;

export type SpeechPackage = (typeof SPEECH_PACKAGES)[number];

/** Every Debian package has a folder of its name there. */
function documentationOf(root: string, name: SpeechPackage): string {
  return join(root, 'usr/share/doc', name);
}

export async function isUnpacked(root: string, name: SpeechPackage): Promise<boolean> {
  return stat(documentationOf(root, name)).then(
    () => true,
    () => false,
  );
}

/** Which of `names` are not unpacked under `root`. */
export async function missingPackages(root: string, names: readonly SpeechPackage[]): Promise<SpeechPackage[]> {
  const present = await Promise.all(names.map((name) => isUnpacked(root, name)));
  return names.filter((_, index) => !present[index]);
}

/** Throws `corpora/missing-packages` unless all of `names` are unpacked under `root`. */
export async function requirePackages(root: string, names: readonly SpeechPackage[]): Promise<void> {
  const missing = await missingPackages(root, names);
  if (missing.length > 0) {
    throw new HearkenError(
      'corpora/missing-packages',
      `Expected the sounds of ${missing.join(', ')} in ${root}: run \`npm run data:speech\` in a checkout of hearken`,
    );
  }
}

/** Downloads the package `name` without installing it, and unpacks it under `root`. */
export async function unpackPackage(root: string, name: SpeechPackage): Promise<void> {
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 'download-'));
  try {
    await runProgram('apt-get', ['download', name], { cwd: folder });
    for (const archive of await readdir(folder)) {
      await runProgram('dpkg-deb', ['-x', join(folder, archive), root]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

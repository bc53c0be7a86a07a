/**
 * Lays `package.json` as it is packed where npm packs it (`prepack`), and brings that of the clone back (`postpack`, with
 * `--restore`), each by renaming a whole file. Where packing was cut short between them, `npx tsx scripts/pack-manifest.ts --restore` does it.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { consumerManifest } from './consumer-manifest.ts';

const manifest = fileURLToPath(new URL('../package.json', import.meta.url));
const kept = fileURLToPath(new URL('../node_modules/.package-of-the-clone.json', import.meta.url));
const half = `${manifest}.half`;

if (process.argv.includes('--restore')) {
  if (existsSync(kept)) renameSync(kept, manifest);
} else {
  const text = readFileSync(manifest, 'utf8');
  const packed = consumerManifest(text);
  // The same where an earlier packing was cut short: what that one kept is the file of the clone.
  if (packed !== text) {
    writeFileSync(kept, text);
    writeFileSync(half, packed);
    renameSync(half, manifest);
  }
}

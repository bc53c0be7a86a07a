// `npx tsx scripts/train-online-decoders.ts`: trains the decoders of models/online-digits, one after the other, each by each seed, into
// .runs/online-digits/KIND-SEED, and keeps what was trained of them in models/online-digits/decoders. Whatever was begun is gone on with; what is
// kept there is not trained again: remove a file to train it anew.
import { join } from 'node:path';

import { isKept, keepDecoder } from '../models/online-digits/folders.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { KINDS, RUNS_FOLDER, SEEDS } from '../models/online-digits/config.ts';
import { trainRun } from './train-run.ts';

await loadBackend();
for (const seed of SEEDS) {
  for (const kind of KINDS) {
    if (isKept(kind, seed)) continue;
    const folder = join(RUNS_FOLDER, `${kind}-${seed}`);
    trainRun('models/online-digits/recipe.ts', folder, { HEARKEN_ONLINE: kind, HEARKEN_SEED: `${seed}` });
    const { added, error } = await keepDecoder(folder, kind, seed);
    const wrong = `${(100 * error).toFixed(1)} % of labels wrong by the walk`;
    console.log(`${kind}, seed ${seed}: ${added} added to the offset, ${wrong}`);
  }
}

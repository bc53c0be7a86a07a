// `npx tsx scripts/compare-tree-copy.ts [--table]`: trains the model that copies backwards and the tree alone, one after the other into
// .runs/tree-copy, exports them, measures each way to read, and keeps the rows in models/tree-copy/results.json. What was trained stays; a training
// that was begun is gone on with. `--table` prints what is there.
import path from 'node:path';

import { COPY } from '../models/tree-copy/evaluation.ts';
import { keepRows, rowTable, savedRows } from '../models/row-evaluation.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { readModelJson } from '../src/model/config-file.ts';
import { exportRun, trainRun } from './train-run.ts';

const FOLDER = '.runs/tree-copy';

if (!process.argv.includes('--table')) {
  for (const variant of ['descent', 'none']) {
    const folder = path.join(FOLDER, variant);
    trainRun('models/tree-copy/recipe.ts', folder, { HEARKEN_VARIANT: variant });
    exportRun(folder);
    const config = parseModelConfig(await readModelJson(folder));
    await keepRows(COPY, await COPY.measure({ folder, config, isFull: true, onProgress: () => undefined }));
  }
}
const { header, cells } = rowTable(COPY.columns, await savedRows(COPY));
for (const line of [header, ...cells]) console.log(line.join(' | '));

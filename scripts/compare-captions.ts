// `npx tsx scripts/compare-captions.ts [--seeds N] [--table] [ATTENTION ...]`: trains the captioners of scenes of digits one after the other into
// .runs/caption-digits, exports them, measures them, and keeps the rows in models/caption-digits/results.json. What was trained stays; a training that was
// begun is gone on with. `--table` prints what is there.
import path from 'node:path';
import { parseArgs } from 'node:util';

import { type CaptionRow, CAPTIONS, measureCaptions, pooledRow } from '../models/caption-digits/evaluation.ts';
import { ATTENTIONS, configOf } from '../models/caption-digits/variants.ts';
import { keepRows, rowTable, savedRows } from '../models/row-evaluation.ts';
import { integerIn, oneOf } from '../src/arguments.ts';
import { exportRun, trainRun } from './train-run.ts';

const FOLDER = '.runs/caption-digits';

const { values, positionals } = parseArgs({
  options: { table: { type: 'boolean' }, seeds: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const seeds = Number(values.seeds);
integerIn(1)('--seeds', seeds);
for (const attention of positionals) oneOf(...ATTENTIONS)('ATTENTION', attention);
const chosen = ATTENTIONS.filter((each) => (positionals.length > 0 ? positionals.includes(each) : !values.table));
for (const attention of chosen) {
  const measured: CaptionRow[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const folder = path.join(FOLDER, `${attention}-${seed}`);
    trainRun('models/caption-digits/recipe.ts', folder, { HEARKEN_ATTENTION: attention, HEARKEN_SEED: `${seed}` });
    exportRun(folder);
    measured.push(...(await measureCaptions({ folder, config: configOf(attention), onProgress: () => {} })));
  }
  const counts = [...new Set(measured.map(({ digits }) => digits))];
  const pooled = counts.map((count) => pooledRow(measured.filter(({ digits }) => digits === count)));
  await keepRows(CAPTIONS, pooled);
}
const { header, cells } = rowTable(CAPTIONS.columns, await savedRows(CAPTIONS));
for (const line of [header, ...cells]) console.log(line.join(' | '));

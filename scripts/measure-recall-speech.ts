// `npx tsx scripts/measure-recall-speech.ts [--dev] [VECTORS...]`: measures models/recall-speech at these distances (default all), and keeps the rows in
// models/recall-speech/results.json; `--dev` measures on the people that choices may be made on, and keeps nothing.
import { writeFile } from 'node:fs/promises';

import { isRowOf, measureRecall, RECALL_SETS, RESULTS_FILE, savedRows } from '../models/recall-speech/evaluation.ts';

const isDev = process.argv.includes('--dev');
const chosen = process.argv.slice(2).filter((argument) => argument !== '--dev');
const sets = RECALL_SETS.filter(({ vectors }) => chosen.length === 0 || chosen.includes(`${vectors}`));
for (const set of sets) {
  const rows = await measureRecall('models/recall-speech', [set], undefined, isDev ? 'dev' : 'test');
  console.log(rows);
  if (isDev) continue;
  const others = (await savedRows()).filter((row) => !rows.some(isRowOf(row)));
  await writeFile(RESULTS_FILE, `${JSON.stringify([...others, ...rows], null, 1)}\n`);
}

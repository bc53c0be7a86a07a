// `npx tsx scripts/measure-recall-speech.ts [--dev] [VECTORS...]`: measures models/recall-speech at these distances (default all), and keeps the rows in
// models/recall-speech/results.json; `--dev` measures on the people that choices may be made on, and keeps nothing.
import { measureRecall, RECALL_SETS, RECALL_SPEECH } from '../models/recall-speech/evaluation.ts';
import { keepRows } from '../models/row-evaluation.ts';

const isDev = process.argv.includes('--dev');
const chosen = process.argv.slice(2).filter((argument) => argument !== '--dev');
const sets = RECALL_SETS.filter(({ vectors }) => chosen.length === 0 || chosen.includes(`${vectors}`));
for (const set of sets) {
  const rows = await measureRecall('models/recall-speech', [set], undefined, isDev ? 'dev' : 'test');
  console.log(rows);
  if (!isDev) await keepRows(RECALL_SPEECH, rows);
}

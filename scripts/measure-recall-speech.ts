// `npx tsx scripts/measure-recall-speech.ts [--dev] [TASK | VECTORS ...]`: measures models/recall-speech on these tasks or at these distances (default all), and keeps
// the rows in models/recall-speech/results.json; `--dev` measures on the people that choices may be made on, and keeps nothing.
import { measureRecall, RECALL_SETS, RECALL_SPEECH } from '../models/recall-speech/evaluation.ts';
import { keepRows } from '../models/row-evaluation.ts';

const isDev = process.argv.includes('--dev');
const chosen = process.argv.slice(2).filter((argument) => argument !== '--dev');
const sets = RECALL_SETS.filter(
  ({ task, vectors }) => chosen.length === 0 || chosen.includes(task) || chosen.includes(`${vectors}`),
);
// What is compared with one another is measured at once.
const groups = new Set(sets.map(({ task, vectors }) => `${task} ${vectors}`));
for (const group of groups) {
  const together = sets.filter(({ task, vectors }) => `${task} ${vectors}` === group);
  const rows = await measureRecall('models/recall-speech', together, undefined, isDev ? 'dev' : 'test');
  console.log(rows);
  if (!isDev) await keepRows(RECALL_SPEECH, rows);
}

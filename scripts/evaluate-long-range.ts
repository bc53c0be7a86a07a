// `npx tsx scripts/evaluate-long-range.ts TASK [FOLDER] [SECONDS]`: measures the model in FOLDER, by default .runs/long-range/TASK, on the test sets of the
// task, keeps what was measured in models/long-range/results.json, and the model in models/long-range/TASK. SECONDS is what its training took.
import { loadBackend } from '../src/backend/backends.ts';
import { readModelCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';
import { tensorsOf } from '../src/tensor/tensors-of.ts';
import { BATTERY, figureOf, TASKS, type TestFigures } from '../models/long-range/battery.ts';
import { measure, parameterCount } from '../models/long-range/evaluation.ts';
import { keepResult } from '../models/long-range/results.ts';
import { validationsIn } from '../models/training-log.ts';

const [name, folder = `.runs/long-range/${name}`, seconds] = process.argv.slice(2);
const task = TASKS.find((each) => each === name);
if (task === undefined) throw new RangeError(`Expected one of ${TASKS.join(', ')}, got ${name}`);

await loadBackend();
const { config, weights: kept } = await readModelCheckpoint(folder);
const weights = tensorsOf(kept);
const tests: TestFigures[] = [];
for (const set of BATTERY[task].tests) {
  const figures = await measure(weights, config, set);
  console.log(JSON.stringify(figures));
  tests.push(figures);
}
const { seed, steps } = config.training as { readonly seed: number; readonly steps: number }; // as training wrote them
await keepResult({
  task,
  seed,
  parameters: parameterCount(weights),
  steps,
  ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
  tests,
  curve: await validationsIn(folder),
});
await writeCheckpoint(`models/long-range/${task}`, { config, weights: kept });
console.log(`${task}: ${figureOf(BATTERY[task], tests)}`);

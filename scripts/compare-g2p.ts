// `npx tsx scripts/compare-g2p.ts [--table] [VARIANT...]`: trains the small models that g2p-en's parts are compared with, one after the other, into
// .runs/g2p-en-compared/VARIANT-SEED, and scores each on the words for choices, in models/g2p-en/compared.json. Whatever was begun is gone on with; what is done is kept.
// The three best of the first round are trained with two more seeds. VARIANTs are trained with one seed only. `--table` prints what is there.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { partOf, readCmudict } from '../corpora/pronunciations/cmudict.ts';
import { type PronunciationScores, scorePronunciations } from '../corpora/pronunciations/scores.ts';
import { CHANGES, type ComparedVariant } from '../models/g2p-en/config.ts';
import { oneOf } from '../src/arguments.ts';
import { loadSequenceModel } from '../src/index.ts';
import { exportRun, trainRun } from './train-run.ts';

const FOLDER = '.runs/g2p-en-compared';
const SCORES_FILE = 'models/g2p-en/compared.json';
const FIRST_SEED = 1;
const MORE_SEEDS = [2, 3];
const BEST = 3;

type Run = { readonly variant: ComparedVariant; readonly seed: number };

const VARIANTS = Object.keys(CHANGES) as ComparedVariant[]; // the record has exactly its keys

function folderOf({ variant, seed }: Run): string {
  return join(FOLDER, `${variant}-${seed}`);
}

/** What was scored, by the name of its folder. */
async function allScores(): Promise<Record<string, PronunciationScores>> {
  return JSON.parse(await readFile(SCORES_FILE, 'utf8')) as Record<string, PronunciationScores>; // written below
}

async function scoresOf({ variant, seed }: Run): Promise<PronunciationScores | undefined> {
  return (await allScores())[`${variant}-${seed}`];
}

/** Trains, exports and scores a run, unless that is done. */
async function complete(run: Run): Promise<PronunciationScores> {
  const done = await scoresOf(run);
  if (done !== undefined) return done;
  const folder = folderOf(run);
  trainRun('models/g2p-en/recipe.ts', folder, { HEARKEN_G2P: run.variant, HEARKEN_SEED: `${run.seed}` });
  exportRun(folder);
  const words = partOf(await readCmudict(), 'dev');
  await using model = await loadSequenceModel(folder);
  const answers = await model.decodeAll(words.map(({ word }) => word));
  const scores = scorePronunciations(
    words,
    answers.map(([best]) => best?.text.split(' ') ?? []),
  );
  const all = { ...(await allScores()), [`${run.variant}-${run.seed}`]: scores };
  await writeFile(SCORES_FILE, `${JSON.stringify(all, null, 1)}\n`);
  return scores;
}

async function printTable(): Promise<void> {
  console.log('variant | WER % of each seed | PER % | 95 % of the first');
  for (const variant of VARIANTS) {
    const found = await Promise.all([FIRST_SEED, ...MORE_SEEDS].map(async (seed) => scoresOf({ variant, seed })));
    const scores = found.filter((each) => each !== undefined);
    const [first] = scores;
    if (first === undefined) continue;
    const percent = (share: number): string => (100 * share).toFixed(1);
    const { low, high } = first.ci95.wer;
    const columns = [scores.map(({ wer }) => percent(wer)).join(' '), scores.map(({ per }) => percent(per)).join(' ')];
    console.log(`${variant} | ${columns.join(' | ')} | ${percent(low)} to ${percent(high)}`);
  }
}

const chosen = process.argv.slice(2).filter((argument) => argument !== '--table');
for (const name of chosen) oneOf(...VARIANTS)('VARIANT', name);
await mkdir(FOLDER, { recursive: true });
if (chosen.length > 0) {
  for (const variant of chosen as ComparedVariant[]) await complete({ variant, seed: FIRST_SEED }); // names of them, as just checked
} else if (!process.argv.includes('--table')) {
  const first: (Run & { readonly wer: number })[] = [];
  for (const variant of VARIANTS) {
    const run = { variant, seed: FIRST_SEED };
    first.push({ ...run, wer: (await complete(run)).wer });
  }
  const best = first.toSorted((a, b) => a.wer - b.wer).slice(0, BEST);
  for (const seed of MORE_SEEDS) for (const { variant } of best) await complete({ variant, seed });
}
await printTable();

/** What recall-speech gives back of codes that were said long ago. */
import { readFile } from 'node:fs/promises';

import { packageFile } from '../../src/package-root.ts';
import { loadEngine } from '../../src/recognizer/engine.ts';
import { createModel, type Model } from '../../src/recognizer/model.ts';
import { CONDITIONS, needle, needleBank, type NeedleBank, type NeedleCondition } from './needle.ts';

/** What was measured before, by `npx tsx scripts/measure-recall-speech.ts`. */
export const RESULTS_FILE: string = packageFile('models/recall-speech/results.json');

export type SpeechRecallRow = {
  readonly task: 'needle';
  /** Encoded vectors, of 40 ms, between the code and the question. */ readonly vectors: number;
  readonly condition: NeedleCondition;
  /** Codes of which every digit was right. */ readonly exact: number;
  readonly codes: number;
  /** Whether the summaries were hidden from read and decoder. */ readonly treeHidden: boolean;
};

export async function savedRows(): Promise<SpeechRecallRow[]> {
  return JSON.parse(await readFile(RESULTS_FILE, 'utf8')) as SpeechRecallRow[]; // written by that script
}

export function isRowOf(row: SpeechRecallRow): (other: SpeechRecallRow) => boolean {
  const { vectors, condition, treeHidden } = row;
  return (other) => other.vectors === vectors && other.condition === condition && other.treeHidden === treeHidden;
}

export type NeedleSet = { readonly vectors: number; readonly condition: NeedleCondition; readonly codes: number };

/** All that is measured; those beyond 1,000 vectors take long. */
export const NEEDLE_SETS: readonly NeedleSet[] = [
  ...CONDITIONS.flatMap((condition) => [0, 1_000, 10_000].map((vectors) => ({ vectors, condition, codes: 200 }))),
  { vectors: 100_000, condition: 'clean', codes: 20 },
];

/** Streams that are heard together. */
const TOGETHER = 32;
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Measures the model in `folder` on each set, as it is and, of the clean ones, with its summaries hidden. */
export async function measureNeedles(
  folder: string,
  sets: readonly NeedleSet[],
  onProgress: (share: number) => void = () => undefined,
  role: 'dev' | 'test' = 'test',
): Promise<SpeechRecallRow[]> {
  const bank = await needleBank(role);
  const engine = await loadEngine(folder, 'cpu');
  const asIs = createModel(engine);
  const hidden = createModel({ ...engine, hidden: 'both' }); // one executor, which `asIs` frees
  const runs = sets.flatMap((set) => [
    { ...set, treeHidden: false },
    ...(set.condition === 'clean' && set.vectors <= LONGEST_HIDDEN ? [{ ...set, treeHidden: true }] : []),
  ]);
  const sizeOf = ({ vectors, codes }: NeedleSet): number => codes * (vectors + OWN_VECTORS);
  const all = runs.reduce((sum, run) => sum + sizeOf(run), 0);
  const rows: SpeechRecallRow[] = [];
  let done = 0;
  try {
    for (const { treeHidden, ...set } of runs) {
      const { vectors, condition, codes } = set;
      const exact = await countExact(treeHidden ? hidden : asIs, bank, set, (count) =>
        onProgress((done + (count / codes) * sizeOf(set)) / all),
      );
      done += sizeOf(set);
      rows.push({ task: 'needle', vectors, condition, exact, codes, treeHidden });
    }
  } finally {
    await asIs.dispose();
  }
  return rows;
}

/** With its summaries hidden a model sees no more than its window, however long the stream: at greater lengths that is not measured. */
const LONGEST_HIDDEN = 1_000;
/** Vectors of a recording beside those between code and question, about. */
const OWN_VECTORS = 200;

/** How many codes of a set `model` gives back. */
async function countExact(
  model: Pick<Model, 'stream'>,
  bank: NeedleBank,
  { vectors, condition, codes }: NeedleSet,
  onDone: (done: number) => void,
): Promise<number> {
  let [exact, done, next] = [0, 0, 0];
  const listen = async (): Promise<void> => {
    for (let index = next++; index < codes; index = next++) {
      const { code, samples } = needle(bank, { index, vectors, condition });
      if ((await lastFinal(model, samples)) === code.map((digit) => WORDS[Number(digit)]).join(' ')) exact++;
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, codes) }, listen));
  return exact;
}

/** What the last utterance of a recording is answered with. */
async function lastFinal(model: Pick<Model, 'stream'>, samples: Iterable<Float32Array>): Promise<string> {
  let text = '';
  for await (const event of model.stream(samples)) if (event.type === 'final') text = event.text;
  return text;
}

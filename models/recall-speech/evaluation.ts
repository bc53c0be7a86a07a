/** What recall-speech gives back of codes that were said long ago. */
import { packageFile } from '../../src/package-root.ts';
import { loadEngine } from '../../src/recognizer/engine.ts';
import { createModel, type Model } from '../../src/recognizer/model.ts';
import { countErrors, errorsIn } from '../../src/text/error-rate.ts';
import type { RowEvaluation } from '../row-evaluation.ts';
import { CONDITIONS, needle, needleBank, type NeedleBank, type NeedleCondition, type Recording } from './needle.ts';
import { saidAgain } from './said-again.ts';

export type SpeechRecallRow = {
  readonly task: 'needle' | 'said-again';
  /** Encoded vectors, of 40 ms, between the code and the question; of what is said again between the first time and the second. */
  readonly vectors: number;
  /** What is over the recording; of what is said again whether the first time is in it. */ readonly condition: RecallCondition;
  /** Codes of which every digit was right. */ readonly exact: number;
  readonly codes: number;
  /** Digits wrong, missing or too many, of four a code. */ readonly digitErrors: number;
  /** Codes given back of each person's; people take turns. */ readonly bySpeaker: Readonly<Record<string, number>>;
  /** Whether the summaries were hidden from read and decoder. */ readonly treeHidden: boolean;
};

export type RecallCondition = NeedleCondition | 'second time alone' | 'both times';

/** Sets up to this many vectors are quick to measure. */
const LONGEST_QUICK = 1_000;

/** Rows are kept by `npx tsx scripts/measure-recall-speech.ts`. */
export const RECALL_SPEECH: RowEvaluation<SpeechRecallRow> = {
  file: packageFile('models/recall-speech/results.json'),
  key: ['task', 'vectors', 'condition', 'treeHidden'],
  columns: [
    ['task', ({ task }) => task],
    ['vectors between', ({ vectors }) => `${vectors}`],
    ['condition', ({ condition }) => condition],
    ['summaries', ({ treeHidden }) => (treeHidden ? 'hidden' : 'seen')],
    ['codes given back', ({ exact }) => `${exact}`],
    ['of', ({ codes }) => `${codes}`],
    ['digits wrong', ({ digitErrors }) => `${digitErrors}`],
    ['by person', ({ bySpeaker }) => counts(bySpeaker)],
  ],
  measure: ({ folder, isFull, onProgress }) => {
    const sets = RECALL_SETS.filter(({ vectors }) => isFull || vectors <= LONGEST_QUICK);
    return measureRecall(folder, sets, onProgress);
  },
};

function counts(byName: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byName).toSorted(([a], [b]) => a.localeCompare(b));
  return entries.map((entry) => entry.join(' ')).join(', ');
}

export type RecallSet = Omit<SpeechRecallRow, 'exact' | 'digitErrors' | 'bySpeaker' | 'treeHidden'>;

const CODES = 200;
const AGAIN: readonly number[] = [250, 2_500];

/** All that is measured; what is beyond 1,000 vectors takes long. */
export const RECALL_SETS: readonly RecallSet[] = [
  ...CONDITIONS.flatMap((condition) =>
    [0, 1_000, 10_000].map((vectors): RecallSet => ({ task: 'needle', vectors, condition, codes: CODES })),
  ),
  { task: 'needle', vectors: 100_000, condition: 'clean', codes: 20 },
  { task: 'said-again', vectors: 0, condition: 'second time alone', codes: CODES },
  ...AGAIN.map((vectors): RecallSet => ({ task: 'said-again', vectors, condition: 'both times', codes: CODES })),
];

/** Recording number `index` of a set. */
function recordingOf(bank: NeedleBank, { task, vectors, condition }: RecallSet, index: number): Recording {
  if (condition === 'both times') return saidAgain(bank, { index, vectors });
  if (condition === 'second time alone') return saidAgain(bank, { index, vectors: undefined });
  if (task !== 'needle') throw new TypeError(`Expected a condition of ${task}, got ${condition}`);
  return needle(bank, { index, vectors, condition });
}

/** Streams that are heard together. */
const TOGETHER = 32;
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Measures the model in `folder` on each set, as it is and, of the clean ones, with its summaries hidden. */
export async function measureRecall(
  folder: string,
  sets: readonly RecallSet[],
  onProgress: (share: number) => void = () => undefined,
  role: 'dev' | 'test' = 'test',
): Promise<SpeechRecallRow[]> {
  const bank = await needleBank(role);
  const engine = await loadEngine(folder, 'cpu');
  const asIs = createModel(engine);
  const hidden = createModel({ ...engine, hidden: 'both' }); // one executor, which `asIs` frees
  const runs = sets.flatMap((set) => [
    { ...set, treeHidden: false },
    ...(hasHidden(set) ? [{ ...set, treeHidden: true }] : []),
  ]);
  const sizeOf = ({ vectors, codes }: RecallSet): number => codes * (vectors + OWN_VECTORS);
  const all = runs.reduce((sum, run) => sum + sizeOf(run), 0);
  const rows: SpeechRecallRow[] = [];
  let done = 0;
  try {
    for (const { treeHidden, ...set } of runs) {
      const { codes } = set;
      const counts = await count(treeHidden ? hidden : asIs, bank, set, (heard) =>
        onProgress((done + (heard / codes) * sizeOf(set)) / all),
      );
      done += sizeOf(set);
      rows.push({ ...set, ...counts, treeHidden });
    }
  } finally {
    await asIs.dispose();
  }
  return rows;
}

/** With its summaries hidden a model sees no more than its window, however long the stream: at greater lengths that is not measured. */
const LONGEST_HIDDEN = 1_000;

function hasHidden({ condition, vectors }: RecallSet): boolean {
  return condition !== 'music-10' && condition !== 'babble-10' && vectors <= LONGEST_HIDDEN;
}

/** Vectors of a recording beside those between code and question, about. */
const OWN_VECTORS = 200;

type Counts = Pick<SpeechRecallRow, 'exact' | 'digitErrors' | 'bySpeaker'>;

/** What `model` gives back of the codes of a set. */
async function count(
  model: Pick<Model, 'stream'>,
  bank: NeedleBank,
  set: RecallSet,
  onDone: (done: number) => void,
): Promise<Counts> {
  const bySpeaker: Record<string, number> = {};
  let [exact, digitErrors, done, next] = [0, 0, 0, 0];
  const listen = async (): Promise<void> => {
    for (let index = next++; index < set.codes; index = next++) {
      const { speaker, code, samples } = recordingOf(bank, set, index);
      const wanted = code.map((digit) => WORDS[Number(digit)]!);
      const heard = (await lastFinal(model, samples)).split(' ').filter((word) => word !== '');
      const errors = errorsIn(countErrors(wanted, heard));
      digitErrors += errors;
      bySpeaker[speaker] ??= 0;
      if (errors === 0) [exact, bySpeaker[speaker]] = [exact + 1, bySpeaker[speaker] + 1];
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, set.codes) }, listen));
  return { exact, digitErrors, bySpeaker };
}

/** What the last utterance of a recording is answered with. */
async function lastFinal(model: Pick<Model, 'stream'>, samples: Iterable<Float32Array>): Promise<string> {
  let text = '';
  for await (const event of model.stream(samples)) if (event.type === 'final') text = event.text;
  return text;
}

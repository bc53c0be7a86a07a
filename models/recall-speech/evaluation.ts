/** What recall-speech gives back of codes that were said long ago. */
import { packageFile } from '../../src/package-root.ts';
import { loadEngine } from '../../src/recognizer/load-engine.ts';
import { createModel, type Model } from '../../src/recognizer/model.ts';
import {
  countErrors,
  type ErrorCounts,
  errorsIn,
  type Interval,
  pairedBootstrapInterval,
} from '../../src/text/error-rate.ts';
import type { Word } from '../../src/text/word.ts';
import type { RowEvaluation } from '../row-evaluation.ts';
import { CONDITIONS, needle, needleBank, type NeedleBank, type NeedleCondition } from './needle.ts';
import { saidAgain } from './said-again.ts';
import { tenth } from './tenth.ts';

export type SpeechRecallRow = {
  readonly task: 'needle' | 'said-again' | 'tenth';
  /**
   * Encoded vectors, of 40 ms, between the code and the question; of what is said again between the first time and the second. 0 for the tenth
   * utterance, of which `condition` says whether there are nine before it.
   */
  readonly vectors: number;
  /** What is over the recording; of the other tasks whether what was said before is in it. */ readonly condition: RecallCondition;
  /** Codes, or tenth utterances, of which every word was right. */ readonly exact: number;
  readonly codes: number;
  /** Words of all of them, and how many were wrong, missing or too many. */ readonly words: number;
  readonly wrong: number;
  /** Codes given back of each person's; people take turns. */ readonly bySpeaker: Readonly<Record<string, number>>;
  /** Whether the summaries were hidden from read and decoder. */ readonly treeHidden: boolean;
  /**
   * 95 % intervals, paired, of how much higher the word error rate of the tenth utterance is after nine others than alone, and than with
   * the summaries hidden.
   */
  readonly higherThan?: { readonly alone: Interval; readonly hidden: Interval };
};

const TENTH = ['tenth alone', 'after nine others'] as const;

export type RecallCondition = NeedleCondition | 'second time alone' | 'both times' | (typeof TENTH)[number];

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
    ['right', ({ exact }) => `${exact}`],
    ['of', ({ codes }) => `${codes}`],
    ['words wrong', ({ wrong, words }) => `${wrong} of ${words}`],
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

export type RecallSet = Pick<SpeechRecallRow, 'task' | 'vectors' | 'condition' | 'codes'>;

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
  ...TENTH.map((condition): RecallSet => ({ task: 'tenth', vectors: 0, condition, codes: CODES })),
];

type Recording = {
  readonly speaker: string;
  /** What is to be heard. */ readonly labels: readonly string[];
  readonly samples: Iterable<Float32Array>;
  /** Seconds before the words that are to be heard; default: they are the last final. */ readonly start?: number;
};

/** Recording number `index` of a set. */
function recordingOf(bank: NeedleBank, { task, vectors, condition }: RecallSet, index: number): Recording {
  if (task === 'tenth') {
    const recording = tenth(bank, { index, isAlone: condition === 'tenth alone' });
    return { ...recording, samples: [recording.samples] };
  }
  const isSaidBefore = condition === 'both times';
  const { code, ...recording } =
    task === 'said-again'
      ? saidAgain(bank, { index, vectors: isSaidBefore ? vectors : undefined })
      : needle(bank, { index, vectors, condition: needleCondition(condition) });
  return { ...recording, labels: code };
}

function needleCondition(condition: RecallCondition): NeedleCondition {
  const known = CONDITIONS.find((each) => each === condition);
  if (known === undefined) throw new TypeError(`Expected a condition of needle, got ${condition}`);
  return known;
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
  const heard = new Map<string, readonly ErrorCounts[]>();
  let done = 0;
  try {
    for (const { treeHidden, ...set } of runs) {
      const { task, condition, codes } = set;
      const outcomes = await hear(treeHidden ? hidden : asIs, bank, set, (count) =>
        onProgress((done + (count / codes) * sizeOf(set)) / all),
      );
      done += sizeOf(set);
      if (task === 'tenth')
        heard.set(
          `${condition} ${treeHidden}`,
          outcomes.map(({ errors }) => errors),
        );
      rows.push({ ...set, ...totals(outcomes), treeHidden });
    }
  } finally {
    await asIs.dispose();
  }
  return rows.map((row) => withIntervals(row, heard));
}

/** The tenth utterance after nine others, compared with it alone and with summaries hidden, where all were heard. */
function withIntervals(row: SpeechRecallRow, heard: ReadonlyMap<string, readonly ErrorCounts[]>): SpeechRecallRow {
  const [alone, after, hidden] = ['tenth alone false', 'after nine others false', 'after nine others true'].map(
    (name) => heard.get(name),
  );
  if (row.condition !== 'after nine others' || row.treeHidden) return row;
  if (alone === undefined || after === undefined || hidden === undefined) return row;
  const than = (others: readonly ErrorCounts[]): Interval => pairedBootstrapInterval(others, after, { seed: 1 });
  return { ...row, higherThan: { alone: than(alone), hidden: than(hidden) } };
}

/** With its summaries hidden a model sees no more than its window, however long the stream: at greater lengths that is not measured. */
const LONGEST_HIDDEN = 1_000;

function hasHidden({ condition, vectors }: RecallSet): boolean {
  return condition !== 'music-10' && condition !== 'babble-10' && vectors <= LONGEST_HIDDEN;
}

/** Vectors of a recording beside those between code and question, about. */
const OWN_VECTORS = 200;

type Outcome = { readonly speaker: string; readonly errors: ErrorCounts };

/** What `model` hears of the recordings of a set, in their order. */
async function hear(
  model: Pick<Model, 'stream'>,
  bank: NeedleBank,
  set: RecallSet,
  onDone: (done: number) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let [done, next] = [0, 0];
  const listen = async (): Promise<void> => {
    for (let index = next++; index < set.codes; index = next++) {
      const recording = recordingOf(bank, set, index);
      const wanted = recording.labels.map((label) => WORDS[Number(label)] ?? label);
      const { speaker } = recording;
      outcomes[index] = { speaker, errors: countErrors(wanted, await wordsHeard(model, recording)) };
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, set.codes) }, listen));
  return outcomes;
}

function totals(outcomes: readonly Outcome[]): Pick<SpeechRecallRow, 'exact' | 'words' | 'wrong' | 'bySpeaker'> {
  const bySpeaker: Record<string, number> = {};
  let [exact, words, wrong] = [0, 0, 0];
  for (const { speaker, errors } of outcomes) {
    const count = errorsIn(errors);
    const isExact = count === 0 ? 1 : 0;
    exact += isExact;
    words += errors.words;
    wrong += count;
    bySpeaker[speaker] = (bySpeaker[speaker] ?? 0) + isExact;
  }
  return { exact, words, wrong, bySpeaker };
}

/** How much earlier than it was said a word may be heard, in seconds. */
const EARLY_SECONDS = 0.3;

/** The words of the last final, or those from a moment on. */
async function wordsHeard(model: Pick<Model, 'stream'>, { samples, start }: Recording): Promise<string[]> {
  const finals: (readonly Word[])[] = [];
  for await (const event of model.stream(samples)) if (event.type === 'final') finals.push(event.words);
  const words =
    start === undefined ? (finals.at(-1) ?? []) : finals.flat().filter((each) => each.start >= start - EARLY_SECONDS);
  return words.map(({ word }) => word);
}

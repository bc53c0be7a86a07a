/** What hiding a model's summaries changes: the items of one evaluation, heard as they are and with the summaries hidden. */
import type { HiddenFrom } from '../src/recognizer/engine.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import {
  countErrors,
  type ErrorCounts,
  errorsIn,
  type Interval,
  pairedBootstrapInterval,
} from '../src/text/error-rate.ts';
import type { EvaluatedModel } from './evaluation.ts';
import { isWrong, type ScoredItem } from './scores.ts';

export type HiddenScore = {
  /** Errors as the model is. */ readonly errors: number;
  /** Errors with its summaries hidden. */ readonly errorsHidden: number;
  /** Words said. */ readonly total: number;
  /** How much higher the error rate is with the summaries hidden: 0.01 is 1 %. */ readonly difference: number;
  /** Paired bootstrap of `difference`, over items. */ readonly ci95: Interval;
  /** Words that were heard otherwise: substitutions, insertions and deletions between what was heard. */
  readonly changedWords: number;
};

/** An item that was heard otherwise. */
export type ChangedItem = {
  /** Number of the item in the evaluation, from 1. */ readonly item: number;
  readonly kind: ScoredItem['kind'];
  /** Who spoke, or the place in the manifest. */ readonly speaker: string;
  readonly said: readonly string[];
  readonly heard: readonly string[];
  readonly heardHidden: readonly string[];
};

export type HiddenMemoryReport = {
  readonly from: HiddenFrom;
  readonly isolated?: HiddenScore;
  readonly connected?: HiddenScore;
  readonly changed: readonly ChangedItem[];
  /** Where the summaries are hidden from the read: what becomes of CTC's rows. */ readonly rows?: RowsReport;
};

/** CTC's rows of all items, each as it is against the one with the summaries hidden. */
export type RowsReport = {
  readonly rows: number;
  /** Rows whose likeliest label is another. */ readonly changedRows: number;
  /** Mean of KL(row as it is || row with the summaries hidden), nats. */ readonly meanKl: number;
};

/** The part of a model that is compared; a `Model` of the engine has it. */
export type ComparedModel = EvaluatedModel & {
  readonly sampleRate: number;
  encode(
    chunks: Iterable<Float32Array>,
    options: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<{ readonly logProbabilities: Float32Array }>;
};

export type HiddenComparison = {
  readonly from: HiddenFrom;
  /** The model as it is, and with its summaries hidden. */
  readonly models: { readonly asIs: ComparedModel; readonly hidden: ComparedModel };
  /** What was heard of each item by the model as it is. */ readonly heard: readonly ScoredItem[];
  /** Hears the same items in the same order by the model that it is given. */
  readonly again: (model: ComparedModel) => Promise<readonly ScoredItem[]>;
};

/** Hears all items again with the summaries hidden, and tells what that changes. Rejects as `again` does. */
export async function compareHidden({ from, models, heard, again }: HiddenComparison): Promise<HiddenMemoryReport> {
  const tally = { rows: 0, changedRows: 0, kl: 0 };
  const hearsRows = from !== 'decoder';
  const heardHidden = await again(hearsRows ? withRowsCompared(models.asIs, models.hidden, tally) : models.hidden);
  const { rows, changedRows, kl } = tally;
  const report = compareHeard(from, heard, heardHidden);
  return hearsRows ? { ...report, rows: { rows, changedRows, meanKl: rows === 0 ? 0 : kl / rows } } : report;
}

type Tally = { rows: number; changedRows: number; kl: number };

/** `hidden`, which also compares its rows of all that it hears with those of `asIs`. */
function withRowsCompared(asIs: ComparedModel, hidden: ComparedModel, tally: Tally): ComparedModel {
  const width = asIs.vocabulary.labels.length + 1;
  const compare = async (chunks: readonly Float32Array[], signal: AbortSignal | undefined): Promise<void> => {
    const theirs = await rowsOf(hidden, chunks, signal);
    const own = await rowsOf(asIs, chunks, signal);
    for (let start = 0; start < own.length; start += width) {
      addRow(tally, own.subarray(start, start + width), theirs.subarray(start, start + width));
    }
  };
  return {
    vocabulary: hidden.vocabulary,
    sampleRate: hidden.sampleRate,
    encode: (chunks, options) => hidden.encode(chunks, options),
    recognize: async (samples, options) => {
      await compare([samples], options.signal);
      return hidden.recognize(samples, options);
    },
    async *stream(chunks, options) {
      const all = [...chunks];
      await compare(all, options.signal);
      yield* hidden.stream(all, options);
    },
  };
}

async function rowsOf(
  model: ComparedModel,
  chunks: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const { logProbabilities } of model.encode(chunks, { signal })) parts.push(logProbabilities);
  return concatenate(parts);
}

/** Adds a row of log-probabilities, and that with the summaries hidden. */
function addRow(tally: Tally, own: Float32Array, hidden: Float32Array): void {
  tally.rows++;
  if (own.indexOf(Math.max(...own)) !== hidden.indexOf(Math.max(...hidden))) tally.changedRows++;
  for (const [label, logProbability] of own.entries()) {
    tally.kl += Math.exp(logProbability) * (logProbability - hidden[label]!); // rows of one model are of one width
  }
}

const BOOTSTRAP_SEED = 1;

/** Holds what was heard with the summaries hidden against what was heard without; both of the same items in their order. */
function compareHeard(
  from: HiddenFrom,
  heard: readonly ScoredItem[],
  heardHidden: readonly ScoredItem[],
): HiddenMemoryReport {
  const pairs = heard.map((item, index) => {
    const hidden = heardHidden[index];
    if (hidden === undefined || heardHidden.length !== heard.length) {
      throw new TypeError(`Expected the same ${heard.length} items twice, got ${heardHidden.length}`);
    }
    return { item, hidden };
  });
  const isolated = scoreHidden(pairs.filter(({ item }) => item.kind === 'isolated'));
  const connected = scoreHidden(pairs.filter(({ item }) => item.kind === 'connected'));
  const changed = pairs.flatMap(({ item, hidden }, index): ChangedItem[] => {
    if (item.heard.join(' ') === hidden.heard.join(' ')) return [];
    const { kind, speaker, said } = item;
    return [{ item: index + 1, kind, speaker, said, heard: item.heard, heardHidden: hidden.heard }];
  });
  return { from, ...(isolated && { isolated }), ...(connected && { connected }), changed };
}

type Pair = { readonly item: ScoredItem; readonly hidden: ScoredItem };

function scoreHidden(pairs: readonly Pair[]): HiddenScore | undefined {
  if (pairs.length === 0) return undefined;
  const before = pairs.map(({ item }) => countsOf(item));
  const after = pairs.map(({ hidden }) => countsOf(hidden));
  const errors = sum(before.map(errorsIn));
  const errorsHidden = sum(after.map(errorsIn));
  const total = sum(before.map(({ words }) => words));
  return {
    errors,
    errorsHidden,
    total,
    difference: (errorsHidden - errors) / total,
    ci95: pairedBootstrapInterval(before, after, { seed: BOOTSTRAP_SEED }),
    changedWords: sum(pairs.map(({ item, hidden }) => errorsIn(countErrors(item.heard, hidden.heard)))),
  };
}

/** Errors as reports count them: a word by itself is right or wrong. */
function countsOf({ kind, said, heard }: ScoredItem): ErrorCounts {
  if (kind === 'connected') return countErrors(said, heard);
  return { substitutions: isWrong(said, heard) ? 1 : 0, insertions: 0, deletions: 0, words: 1 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

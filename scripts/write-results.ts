// `npx tsx scripts/write-results.ts`: writes docs/results.md from the results that are kept with the models.
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { ABLATION_HEADER, ablationRows } from '../models/recall-tokens/ablation-table.ts';
import { type CaptionRow, CAPTIONS } from '../models/caption-digits/evaluation.ts';
import { ATTENTIONS } from '../models/caption-digits/variants.ts';
import { readResults, type Row as LongRangeRow, rowsOf as longRangeRows } from '../models/long-range/results.ts';
import { MQAR, type MqarRow, READERS } from '../models/mqar/evaluation.ts';
import { TASKS as MQAR_TASKS } from '../models/mqar/tasks.ts';
import { RECALL_SETS, RECALL_SPEECH, type SpeechRecallRow } from '../models/recall-speech/evaluation.ts';
import { RECALL_TOKENS, type RecallRow } from '../models/recall-tokens/evaluation.ts';
import { type Task, TASKS } from '../models/recall-tokens/tasks.ts';
import { COPY, type CopyRow, READERS as COPY_READERS } from '../models/tree-copy/evaluation.ts';
import { VARIANTS } from '../models/recall-tokens/variants.ts';
import { type RowEvaluation, rowTable, savedRows } from '../models/row-evaluation.ts';
import type { PronunciationScores } from '../corpora/pronunciations/scores.ts';

const RESULTS_PAGE = 'docs/results.md';

/** The page. */
export async function resultsPage(): Promise<string> {
  const rows = await savedRows(RECALL_TOKENS);
  const compared = JSON.parse(await readFile('models/g2p-en/compared.json', 'utf8')) as Record<
    string,
    PronunciationScores
  >; // written by scripts/compare-g2p.ts
  return `${[
    '# Results',
    "Tables of what was measured, from the results that are kept with the models; `npx tsx scripts/write-results.ts` writes this page. On what machine is in each model's card.",
    '## Recall in bounded state',
    'Sequences answered without a mistake, in %, by their length in symbols; of how many, in parentheses. Rate is the peak learning rate. [The tasks and the models](../models/recall-tokens/README.md); `npx tsx scripts/compare-recall.ts` trains and measures every row, `--table` prints them.',
    ...TASKS.map((task) => recallTable(rows, task)).filter((each) => each !== ''),
    'The same models, one a row, with what they cost; accuracies of keyed sequences are those of 4 / 16 / 64 pairs, bytes those of a stream of 65,536 symbols (of the nearest length, where that was not measured). Solved is a held-out error of at most 1 %, looked at every 500 updates. `--table` prints these, too.',
    table(ABLATION_HEADER, ablationRows(rows)),
    '## Recall of what only the question makes important',
    'Questions answered right, in %, leaves that a question read beside window and summaries, and the median time of a read in microseconds, beside other work on 2 cores; `n` is symbols of a sequence, `outside` the bytes of leaves, or of all vectors, beside those of the state. `none` is a tree alone that was trained for it; `search` reads the nearest leaves, found by an index beyond 32,768, `exact` the nearest of all, `full` attends to all vectors by the weights of `search`; `descent-1`, `-4` and `-16` read the nearest of the leaves that a walk with such a beam finds, trained for it and timed beside two trainings, `descent-full` all vectors by its weights. Keys walked are those of nodes and leaves that the walk compared. [The tasks and the model](../models/mqar/README.md); `npx tsx scripts/compare-mqar.ts` trains and measures every row, `--table` prints them.',
    rowsTable(MQAR, (await savedRows(MQAR)).toSorted(byTaskAndLength)),
    'Copying 512 places backwards, after Tree Cross Attention: as above; `descent-1-alone` has every summary hidden from the read, which sees window and leaves; `certified` finds the nearest of all by bounds of the keys below each node, which it compares, too. All but `none` are read by the same weights. The task and the model (`models/tree-copy/README.md`, in a clone); `npx tsx scripts/compare-tree-copy.ts` trains and measures every row, `--table` prints them.',
    rowsTable(COPY, (await savedRows(COPY)).toSorted(byLengthAndReader)),
    '## Recall in speech',
    'Codes of four digits that the model gives back when it is asked, said by people that no training heard; a vector is 40 ms. [How, and what the conditions are](../models/recall-speech/README.md); `npx tsx scripts/measure-recall-speech.ts` measures every row.',
    rowsTable(RECALL_SPEECH, (await savedRows(RECALL_SPEECH)).toSorted(bySet)),
    '## Captions of images',
    'Captions of scenes of 2 to 5 handwritten digits that are right from end to end, and how much of a name’s attention lies on its digit. `soft` looks at all parts of the image by shares, `hard` at one, `none` sees one fixed vector; all have the same weights. [The scenes and the models](../models/caption-digits/README.md); `npx tsx scripts/compare-captions.ts` trains and measures every row.',
    rowsTable(CAPTIONS, (await savedRows(CAPTIONS)).toSorted(byAttention)),
    '## The standard long-range battery',
    'What was measured of each task beside the published figure that is the bar; of several lengths and seeds the worst. What the tasks are, and how ours differ from the published ones: `models/long-range/README.md` of a clone. `npx hearken train models/long-range/TASK/recipe.ts --out .runs/long-range/TASK` and `npx tsx scripts/evaluate-long-range.ts TASK` train and measure a row, `npm run -s bench -- long-range` prints them.',
    longRangeTable(longRangeRows(await readResults())),
    '![Learning curves of the battery on held-out sequences, beside the published figures](long-range.svg)',
    '## Parts of an encoder-decoder',
    'English words said wrong on *dev*, of small models that differ in one part ([g2p-en](../models/g2p-en/README.md#variants)); `npx tsx scripts/compare-g2p.ts`.',
    pronunciationTable(compared),
  ].join('\n\n')}\n`;
}

const percent = (share: number): string => (100 * share).toFixed(1);

function recallTable(rows: readonly RecallRow[], task: Task): string {
  const own = rows.filter((row) => row.task === task);
  if (own.length === 0) return '';
  const lengths = [...new Set(own.map(({ n }) => n))].toSorted((a, b) => a - b);
  const models = new Map(own.map((row) => [[row.model, row.seed, row.rate, row.pairs].join(), row]));
  const sorted = [...models.values()].toSorted(
    (a, b) =>
      VARIANTS.indexOf(a.model) - VARIANTS.indexOf(b.model) || (a.pairs ?? 0) - (b.pairs ?? 0) || a.seed - b.seed,
  );
  const lines = sorted.map(({ model, seed, rate, pairs, parameters }) => {
    const cells = lengths.map((n) => {
      const row = own.find(
        (each) =>
          each.model === model && each.seed === seed && each.rate === rate && each.pairs === pairs && each.n === n,
      );
      return row === undefined ? '' : `${percent(row.accuracy)} (${row.trials})`;
    });
    return [model, ...(task === 'keyed' ? [pairs ?? ''] : []), seed, rate, parameters, ...cells];
  });
  const header = [task, ...(task === 'keyed' ? ['pairs'] : []), 'seed', 'rate', 'parameters', ...lengths];
  return table(header, lines);
}

function byTaskAndLength(a: MqarRow, b: MqarRow): number {
  return (
    MQAR_TASKS.indexOf(a.task) - MQAR_TASKS.indexOf(b.task) ||
    a.n - b.n ||
    READERS.indexOf(a.model) - READERS.indexOf(b.model)
  );
}

function byLengthAndReader(a: CopyRow, b: CopyRow): number {
  return a.n - b.n || COPY_READERS.indexOf(a.model) - COPY_READERS.indexOf(b.model);
}

function byAttention(a: CaptionRow, b: CaptionRow): number {
  return ATTENTIONS.indexOf(a.attention) - ATTENTIONS.indexOf(b.attention) || a.digits - b.digits;
}

function bySet(a: SpeechRecallRow, b: SpeechRecallRow): number {
  const place = ({ task, vectors, condition, treeHidden }: SpeechRecallRow): number =>
    RECALL_SETS.findIndex((set) => set.task === task && set.vectors === vectors && set.condition === condition) +
    (treeHidden ? 0.5 : 0);
  return place(a) - place(b);
}

/** The table of `hearken eval`, of kept rows. */
function rowsTable<Row extends object>({ columns }: RowEvaluation<Row>, rows: readonly Row[]): string {
  const { header, cells } = rowTable(columns, rows);
  return table(header, cells);
}

function longRangeTable(rows: readonly LongRangeRow[]): string {
  const lines = rows.map(
    ({ task, lengths, measure, figure, bar, barOf, verdict, parameters, seeds, updates, minutes }) => [
      task,
      lengths,
      measure,
      figure === undefined ? '' : figure.toPrecision(4),
      `${bar} (${barOf})`,
      verdict,
      parameters ?? '',
      seeds?.join(', ') ?? '',
      updates ?? '',
      minutes?.toFixed(0) ?? '',
    ],
  );
  const header = ['task', 'lengths', 'measure', 'ours', 'bar', 'verdict', 'parameters', 'seeds', 'updates', 'minutes'];
  return table(header, lines);
}

function pronunciationTable(compared: Readonly<Record<string, PronunciationScores>>): string {
  const lines = Object.entries(compared)
    .toSorted(([a, one], [b, other]) => one.wer - other.wer || a.localeCompare(b))
    .map(([name, { wer, per, ci95 }]) => {
      const { low, high } = ci95.wer;
      return [
        name.replace(/-\d+$/, ''),
        name.split('-').at(-1) ?? '',
        percent(wer),
        `${percent(low)} to ${percent(high)}`,
        percent(per),
      ];
    });
  return table(['part', 'seed', 'words wrong %', '95 %', 'phones wrong %'], lines);
}

function table(header: readonly (string | number)[], lines: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [row(header), row(header.map(() => '---')), ...lines.map(row)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(RESULTS_PAGE, await resultsPage());

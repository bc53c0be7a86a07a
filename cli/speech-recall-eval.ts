/** `hearken eval models/recall-speech`: which codes it gives back that were said long ago, as it is and with its summaries hidden. */
import type { SpeechRecallRow } from '../models/recall-speech/evaluation.ts';
import { createProgress } from './progress.ts';
import { printTable } from './table.ts';

/** Rows of this run, and those that were saved, which this run did not measure. */
type SpeechRecallReport = {
  readonly model: string;
  readonly rows: readonly (SpeechRecallRow & { readonly isSaved: boolean })[];
};

/** Sets up to this many vectors are measured anew unless all are asked for. */
const LONGEST = 1_000;

/** Measures the model in `folder`. Throws `corpora/...` where recordings are missing. */
export async function evaluateSpeechRecall(
  folder: string,
  name: string,
  { full, json }: { readonly full?: true; readonly json?: true },
): Promise<void> {
  const { isRowOf, measureRecall, RECALL_SETS, savedRows } = await import('../models/recall-speech/evaluation.ts');
  using progress = createProgress('evaluating', 1_000);
  const sets = RECALL_SETS.filter(({ vectors }) => full || vectors <= LONGEST);
  const rows = await measureRecall(folder, sets, (share) => progress.update(1_000 * share));
  progress.clear();
  const saved = (await savedRows()).filter((row) => !rows.some(isRowOf(row)));
  const report: SpeechRecallReport = {
    model: name,
    rows: [...rows.map((row) => ({ ...row, isSaved: false })), ...saved.map((row) => ({ ...row, isSaved: true }))],
  };
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printRows(report);
}

function printRows({ rows }: SpeechRecallReport): void {
  printTable(
    ['task', 'vectors between', 'condition', 'summaries', 'codes given back', 'of', 'by person', 'measured'],
    rows.map(({ task, vectors, condition, treeHidden, exact, codes, bySpeaker, isSaved }) => [
      task,
      `${vectors}`,
      condition,
      treeHidden ? 'hidden' : 'seen',
      `${exact}`,
      `${codes}`,
      Object.entries(bySpeaker)
        .map(([name, count]) => `${name} ${count}`)
        .toSorted((a, b) => a.localeCompare(b))
        .join(', '),
      isSaved ? 'before' : 'now',
    ]),
  );
}

/** `hearken eval` of models whose evaluation keeps rows: what they give now, and what was measured of them and their rivals before. */
import { measuredRows, type RowEvaluation, rowTable, type ToldRow } from '../models/row-evaluation.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { assertTrainingStack } from '../src/training-stack.ts';
import { createProgress } from './progress.ts';
import { printTable } from './table.ts';

type RowEvalOptions = { readonly full?: boolean; readonly json?: true };

/** Measures the model in `folder`, and prints all rows. Throws `training/not-installed` where tfjs is needed, `corpora/...` where recordings are. */
type RowEval = (folder: string, config: ModelConfig, options: RowEvalOptions) => Promise<void>;

/** The evaluation of the model called `name`, if it is one that keeps rows. */
export function rowEval(name: string): RowEval | undefined {
  if (/^recall-(keyed|salient)(-|$)/.test(name)) {
    return async (...asked) => {
      assertTrainingStack(); // before what is imported, which imports tfjs
      const { RECALL_TOKENS } = await import('../models/recall-tokens/evaluation.ts');
      await evaluateRows(RECALL_TOKENS, ...asked);
    };
  }
  if (name === 'mqar' || name === 'two-token') {
    return async (...asked) => {
      const { MQAR } = await import('../models/mqar/evaluation.ts');
      await evaluateRows(MQAR, ...asked);
    };
  }
  if (name === 'tree-copy' || name === 'tree-copy-none') {
    return async (...asked) => {
      const { COPY } = await import('../models/tree-copy/evaluation.ts');
      await evaluateRows(COPY, ...asked);
    };
  }
  if (/^caption-digits(-|$)/.test(name)) {
    return async (...asked) => {
      const { CAPTIONS } = await import('../models/caption-digits/evaluation.ts');
      await evaluateRows(CAPTIONS, ...asked);
    };
  }
  if (name !== 'recall-speech') return undefined;
  return async (...asked) => {
    const { RECALL_SPEECH } = await import('../models/recall-speech/evaluation.ts');
    await evaluateRows(RECALL_SPEECH, ...asked);
  };
}

async function evaluateRows<Row extends object>(
  evaluation: RowEvaluation<Row>,
  folder: string,
  config: ModelConfig,
  { full: isFull = false, json }: RowEvalOptions,
): Promise<void> {
  using progress = createProgress('evaluating', 1_000);
  const onProgress = (share: number): void => progress.update(1_000 * share);
  const rows = await measuredRows(evaluation, { folder, config, isFull, onProgress });
  progress.clear();
  if (json) {
    process.stdout.write(`${JSON.stringify({ model: config.name, rows }, null, 2)}\n`);
    return;
  }
  const columns: RowEvaluation<ToldRow<Row>>['columns'] = [
    ...evaluation.columns,
    ['measured', ({ isSaved }) => (isSaved ? 'before' : 'now')],
  ];
  const { header, cells } = rowTable(columns, rows);
  printTable(header, cells);
}

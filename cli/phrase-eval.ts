/** `hearken eval --set commands`: phrases of any words, told from each other by a model that hears phones. */
import type { Condition } from '../corpora/evaluation-sets.ts';
import type { PhraseRow } from '../corpora/phrase-evaluation.ts';
import type { Scores } from '../corpora/scores.ts';
import { loadModel, type StreamingDevice } from '../src/index.ts';
import { listenForInterruption } from './interruption.ts';
import { createProgress } from './progress.ts';
import { printTable } from './table.ts';
import { UsageError } from './usage-error.ts';

/** The set that is phrases and not labels of the model. */
export const COMMANDS = 'commands';

export type PhraseEvalOptions = {
  readonly condition: Condition | undefined;
  readonly peer: boolean;
  readonly device?: StreamingDevice | undefined;
  readonly json?: true | undefined;
};

/** Evaluates the model in `folder` and prints a row for each set. */
export async function evaluateCommands(folder: string, options: PhraseEvalOptions): Promise<void> {
  const { CLEAN, DEFAULT_FOLDERS } = await import('../corpora/evaluation.ts');
  const { readPhraseSets } = await import('../corpora/open-words.ts');
  const { evaluatePhrases } = await import('../corpora/phrase-evaluation.ts');
  using progress = createProgress('evaluating', 1_000);
  using interruption = listenForInterruption();
  const { condition = CLEAN, peer, device, json } = options;
  await using model = await loadModel(folder, { ...(device && { device }), signal: interruption.signal });
  if (model.phones === undefined) {
    throw new UsageError(`Expected --set ${COMMANDS} with a model that hears phones, got ${model.name}`);
  }
  const { packages, noise } = DEFAULT_FOLDERS;
  const rows = await evaluatePhrases({
    model,
    sets: await readPhraseSets(packages),
    condition,
    noise,
    packages,
    peer,
    signal: interruption.signal,
    onProgress: (done, total) => progress.update((1_000 * done) / total),
  });
  progress.clear();
  if (json) process.stdout.write(`${JSON.stringify({ model: model.name, rows }, null, 2)}\n`);
  else printRows(rows);
}

function printRows(rows: readonly PhraseRow[]): void {
  const cells = rows.flatMap(({ set, candidates, speakers, peer, ...scores }) => {
    const other = peer === undefined || 'skipped' in peer ? undefined : peer;
    const names = Object.keys(speakers);
    const bySpeaker = names.map((name) => [`  ${name}`, '', wrongOf(speakers[name]), wrongOf(other?.speakers[name])]);
    return [[set, `${candidates}`, wrongOf(scores), wrongOf(other)], ...(names.length > 1 ? bySpeaker : [])];
  });
  printTable(['said', 'candidates', 'wrong', 'pocketsphinx'], cells);
  const skipped = rows.flatMap(({ peer }) => (peer !== undefined && 'skipped' in peer ? [peer.skipped] : []))[0];
  if (skipped !== undefined) process.stdout.write(`\npocketsphinx: skipped, ${skipped}\n`);
}

function wrongOf(scores: Scores | undefined): string {
  const { isolated, connected } = scores ?? {};
  const score = isolated ?? connected;
  return score === undefined ? '' : `${score.errors} of ${score.total}`;
}

/** The speech that codes-en is trained on: three synthesisers, thirteen people's voices and many formant voices. */
import { randomFor } from '../../corpora/draw.ts';
import { hasUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';

import { espeakTasks } from './voices/espeak.ts';
import { festivalTasks } from './voices/festival.ts';
import { fliteTasks } from './voices/flite.ts';
import type { Amount } from './voices/task.ts';

export type SynthesisOptions = {
  readonly folder: string;
  readonly seed?: number;
  /** How much of the full amount to make, in (0, 1]; less for tests. */
  readonly share?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Synthesises the training speech into `folder` unless it is there already; deterministic in `seed`. Throws
 * `corpora/missing-program` or `corpora/missing-voice` with the line that installs it.
 */
export async function synthesiseCodes(options: SynthesisOptions): Promise<void> {
  const { folder, seed = 1, share = 1, onProgress } = options;
  if (await hasUtteranceBank(folder)) {
    return;
  }
  const amount: Amount = (full) => Math.max(1, Math.round(full * share));
  const tasks = [
    ...(await espeakTasks(randomFor(seed, 1), amount)),
    ...fliteTasks(randomFor(seed, 2), amount),
    ...(await festivalTasks(randomFor(seed, 3), amount)),
  ];
  const total = tasks.reduce((sum, task) => sum + task.count, 0);
  async function* utterances(): AsyncGenerator<Utterance> {
    let done = 0;
    for (const task of tasks) {
      yield* await task.run();
      done += task.count;
      onProgress?.(done, total);
    }
  }
  await writeUtteranceBank(folder, utterances());
}

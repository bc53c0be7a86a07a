/** The speech that codes-en is trained on: six synthesisers, some twenty-five people's voices and many formant voices. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { randomFor } from '../../corpora/draw.ts';
import {
  hasUtteranceBank,
  readUtteranceBank,
  type Utterance,
  writeUtteranceBank,
} from '../../corpora/utterance-bank.ts';

import { espeakTasks } from './voices/espeak.ts';
import { festivalTasks } from './voices/festival.ts';
import { fliteTasks } from './voices/flite.ts';
import { neuralTasks } from './voices/neural.ts';
import { picoTasks } from './voices/pico.ts';
import type { Amount, SynthesisTask } from './voices/task.ts';

export type SynthesisOptions = {
  readonly folder: string;
  readonly seed?: number;
  /** Share of the full amount to make, in (0, 1]; less for tests. */
  readonly share?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Requests under way at once. */
const CONCURRENCY = 3;

/**
 * Synthesises the training speech into `folder` unless it is there already; deterministic in `seed`. A run that was cut
 * short goes on after the last synthesiser that it finished. Throws `corpora/missing-program` or `corpora/missing-voice`
 * with the line that installs it.
 */
export async function synthesizeCodes(options: SynthesisOptions): Promise<void> {
  const { folder, seed = 1, share = 1, onProgress } = options;
  if (await hasUtteranceBank(folder)) {
    return;
  }
  const amount: Amount = (full) => Math.max(1, Math.round(full * share));
  const parts = [
    { path: join(folder, 'festival'), tasks: await festivalTasks(randomFor(seed, 3), amount) },
    { path: join(folder, 'flite'), tasks: fliteTasks(randomFor(seed, 2), amount) },
    { path: join(folder, 'pico'), tasks: await picoTasks(randomFor(seed, 4), amount) },
    { path: join(folder, 'espeak'), tasks: await espeakTasks(randomFor(seed, 1), amount) },
    { path: join(folder, 'neural'), tasks: await neuralTasks(randomFor(seed, 5), amount) },
  ];
  const total = parts.flatMap(({ tasks }) => tasks).reduce((sum, task) => sum + task.count, 0);
  let done = 0;
  for (const { path, tasks } of parts) {
    if (!(await hasUtteranceBank(path))) {
      const before = done;
      await writeUtteranceBank(
        path,
        inOrder(tasks, (count) => onProgress?.(before + count, total)),
      );
    }
    done += tasks.reduce((sum, task) => sum + task.count, 0);
  }
  await writeUtteranceBank(folder, allOf(parts.map(({ path }) => path)));
  await Promise.all(parts.map(({ path }) => rm(path, { recursive: true })));
}

/** The utterances of `tasks` in their order, a few tasks running at once. */
async function* inOrder(tasks: readonly SynthesisTask[], onDone: (count: number) => void): AsyncGenerator<Utterance> {
  let done = 0;
  for (let first = 0; first < tasks.length; first += CONCURRENCY) {
    const group = tasks.slice(first, first + CONCURRENCY);
    for (const utterances of await Promise.all(group.map((task) => task.run()))) {
      yield* utterances;
    }
    done += group.reduce((sum, task) => sum + task.count, 0);
    onDone(done);
  }
}

async function* allOf(folders: readonly string[]): AsyncGenerator<Utterance> {
  for (const folder of folders) {
    yield* await readUtteranceBank(folder);
  }
}

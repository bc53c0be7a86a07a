/** The speech that the online decoders are trained on: digits by the synthesisers of codes-en that need no voices beside their own. */
import { randomFor } from '../../corpora/draw.ts';
import { hasUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import { espeakTasks } from '../codes-en/voices/espeak.ts';
import { fliteTasks } from '../codes-en/voices/flite.ts';
import { picoTasks } from '../codes-en/voices/pico.ts';
import type { Amount, SynthesisTask } from '../codes-en/voices/task.ts';

/** Seeds of the draws; codes-en has others. */
const SEED = 14;
/** Share of what codes-en takes of each synthesiser. */
const SHARE = 0.15;

/** Synthesises into `folder` unless it is there already. Throws `corpora/missing-program` with the line that installs it. */
export async function synthesizeSpeech(folder: string): Promise<void> {
  if (await hasUtteranceBank(folder)) return;
  const amount: Amount = (full) => Math.max(1, Math.round(full * SHARE));
  const tasks = [
    ...fliteTasks(randomFor(SEED, 2), amount),
    ...(await picoTasks(randomFor(SEED, 4), amount)),
    ...(await espeakTasks(randomFor(SEED, 1), amount)),
  ];
  await writeUtteranceBank(folder, oneByOne(tasks));
}

async function* oneByOne(tasks: readonly SynthesisTask[]): AsyncGenerator<Utterance> {
  for (const task of tasks) yield* await task.run();
}

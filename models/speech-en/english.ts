/** Synthesised English with its phones: six synthesisers, one bank. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { randomFor } from '../../corpora/draw.ts';
import { hasSoundBank, readSoundBank, writeSoundBank } from '../../corpora/sound-bank.ts';
import { joeSpeech, kokoroSpeech } from './neural-voices.ts';
import type { Spoken } from './spoken.ts';
import type { Texts } from './texts.ts';
import { espeakSpeech, festivalSpeech, fliteSpeech, picoSpeech, type SpeechTask, type SpeechTasks } from './voices.ts';

export type EnglishOptions = {
  readonly folder: string;
  readonly texts: Texts;
  readonly seed?: number;
  /** Share of the full amount to make, in (0, 1]; less for tests. */ readonly share?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Requests under way at once. */
const CONCURRENCY = 3;

/** Synthesisers, the numbers of utterances that they are asked for, and what their draws are seeded by. */
const ENGINES: readonly { readonly name: string; readonly tasks: SpeechTasks; readonly count: number }[] = [
  { name: 'espeak', tasks: espeakSpeech, count: 10_000 },
  { name: 'flite', tasks: fliteSpeech, count: 5_000 },
  { name: 'festival', tasks: festivalSpeech, count: 2_500 },
  { name: 'pico', tasks: picoSpeech, count: 4_000 },
  { name: 'joe', tasks: joeSpeech, count: 2_000 },
  { name: 'kokoro', tasks: kokoroSpeech, count: 240 },
];

/**
 * Synthesises the bank in `folder` unless it is there; deterministic in `seed`. A run that was cut short goes on after the last synthesiser that
 * it finished. Throws `corpora/missing-program` or `corpora/missing-voice` with the line that installs it.
 */
export async function synthesizeEnglish(options: EnglishOptions): Promise<void> {
  const { folder, texts, seed = 1, share = 1, onProgress } = options;
  if (await hasSoundBank(folder)) return;
  const amounts = ENGINES.map(({ count }) => Math.max(1, Math.round(count * share)));
  const total = amounts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  for (const [index, { name, tasks }] of ENGINES.entries()) {
    const [path, count, before] = [join(folder, name), amounts[index]!, done];
    if (!(await hasSoundBank(path))) {
      const asked = await tasks(randomFor(seed, index), texts, count);
      await writeSoundBank(
        path,
        inOrder(asked, (made) => onProgress?.(before + made, total)),
      );
    }
    done += count;
  }
  const paths = ENGINES.map(({ name }) => join(folder, name));
  await writeSoundBank(folder, allOf(paths));
  await Promise.all(paths.map((path) => rm(path, { recursive: true })));
}

/** What the tasks give, in their order, a few running at once. */
async function* inOrder(tasks: readonly SpeechTask[], onDone: (count: number) => void): AsyncGenerator<Spoken> {
  let done = 0;
  for (let first = 0; first < tasks.length; first += CONCURRENCY) {
    const group = tasks.slice(first, first + CONCURRENCY);
    for (const spoken of await Promise.all(group.map((task) => task.run()))) yield* spoken;
    done += group.reduce((sum, task) => sum + task.count, 0);
    onDone(done);
  }
}

async function* allOf(folders: readonly string[]): AsyncGenerator<Spoken> {
  for (const folder of folders) yield* await readSoundBank<Spoken>(folder);
}

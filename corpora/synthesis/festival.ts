import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { clipFromWav } from '../clip.ts';
import { runProgram } from '../programs.ts';

export type FestivalVoice = 'kal_diphone' | 'ked_diphone' | 'cmu_us_slt_arctic_hts';

export type FestivalJob = {
  readonly text: string;
  /** Above 1 is slower. */
  readonly durationStretch: number;
};

/** Speaks all jobs in one process, since festival takes longer to start than to speak. */
export async function synthesiseFestival(jobs: readonly FestivalJob[], voice: FestivalVoice): Promise<Float32Array[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-festival-'));
  try {
    const commands = jobs.map(
      ({ text, durationStretch }, index) =>
        `(Parameter.set 'Duration_Stretch ${durationStretch})
(set! utterance (Utterance Text "${text.replaceAll(/["\\]/g, '')}"))
(utt.synth utterance)
(utt.save.wave utterance "${join(folder, `${index}.wav`)}" 'riff)`,
    );
    const script = join(folder, 'script.scm');
    await writeFile(script, [`(voice_${voice})`, ...commands].join('\n'));
    await runProgram('festival', ['-b', script]);
    return await Promise.all(jobs.map(async (_, index) => clipFromWav(await readFile(join(folder, `${index}.wav`)))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

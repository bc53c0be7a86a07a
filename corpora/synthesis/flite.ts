import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { clipFromWav } from '../clip.ts';
import { runProgram } from '../programs.ts';

/** A voice of flite made from a person's recordings. */
export type FliteVoice = {
  readonly name: 'kal16' | 'awb' | 'rms' | 'slt';
  /** Above 1 is slower. */
  readonly durationStretch: number;
  /** Mean pitch in Hz; only the diphone voice `kal16` obeys it. */
  readonly pitchHz?: number;
};

export async function synthesizeFlite(text: string, voice: FliteVoice): Promise<Float32Array> {
  const pitch = voice.pitchHz === undefined ? [] : ['--setf', `int_f0_target_mean=${voice.pitchHz}`];
  const options = ['-voice', voice.name, '--setf', `duration_stretch=${voice.durationStretch}`, ...pitch];
  // flite seeks in what it writes, so it cannot write to a pipe.
  const folder = await mkdtemp(join(tmpdir(), 'hearken-flite-'));
  try {
    const file = join(folder, 'speech.wav');
    await runProgram('flite', [...options, '-t', text, '-o', file]);
    return clipFromWav(await readFile(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

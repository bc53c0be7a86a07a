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
  return (await speakFlite(text, voice)).clip;
}

/** `text` as it is said, and the phones that are said, as CMU's voices name them. */
export async function speakFlite(
  text: string,
  voice: FliteVoice,
): Promise<{ readonly clip: Float32Array; readonly phones: readonly string[] }> {
  const pitch = voice.pitchHz === undefined ? [] : ['--setf', `int_f0_target_mean=${voice.pitchHz}`];
  const options = ['-voice', voice.name, '--setf', `duration_stretch=${voice.durationStretch}`, ...pitch];
  // flite seeks in what it writes, so it cannot write to a pipe.
  const folder = await mkdtemp(join(tmpdir(), 'hearken-flite-'));
  try {
    const file = join(folder, 'speech.wav');
    const phones = (await runProgram('flite', [...options, '-ps', '-t', text, '-o', file])).toString();
    return { clip: clipFromWav(await readFile(file)), phones: phones.trim().split(/\s+/) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

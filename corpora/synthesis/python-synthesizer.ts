/** A synthesiser that is a Python program: it is handed jobs in a folder and leaves what it said there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { runProgram } from '../programs.ts';

export type PythonSynthesizer = {
  /** Path of the program. */ readonly program: string;
  /** Folder of the Python environment that runs it. */ readonly environment: string;
};

export function pythonOf(environment: string): `${string}/python` {
  return `${environment}/bin/python`;
}

/**
 * Runs the program once on `request`, written to `jobs.json` of a folder whose path it is given; it writes `0.pcm`, `1.pcm`, ... for
 * each of `texts`, 16-bit mono at 16 kHz. Throws `corpora/silence`, naming the text, where it says nothing.
 */
export async function synthesizeInPython(
  { program, environment }: PythonSynthesizer,
  request: object,
  texts: readonly string[],
): Promise<Float32Array[]> {
  const work = await mkdtemp(join(tmpdir(), 'hearken-synthesis-'));
  try {
    await writeFile(join(work, 'jobs.json'), JSON.stringify(request));
    await runProgram(pythonOf(environment), [program, work]);
    return await Promise.all(
      texts.map(async (text, index) => clipOf(text, await readFile(join(work, `${index}.pcm`)))),
    );
  } finally {
    await rm(work, { recursive: true });
  }
}

function clipOf(text: string, pcm: Buffer): Float32Array {
  if (pcm.length === 0) throw new HearkenError('corpora/silence', `Expected "${text}" to be said, got no sound`);
  return Float32Array.from({ length: pcm.length >> 1 }, (_, at) => pcm.readInt16LE(2 * at) / 32_768);
}

import { existsSync } from 'node:fs';
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { UsageError } from './usage-error.ts';

const RUN_STATE = 'run-state.safetensors';
const LOG = 'log.jsonl';
/** The files of a model that training writes; a model card that is there is kept. */
const MODEL_FILES = ['config.json', 'model.safetensors'];

/**
 * Makes the folder of a training run. Throws a usage error where the run would write over another run or model, or cannot write
 * at all.
 */
export async function openRunFolder(folder: string, isResumed: boolean): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw new UsageError(`Expected --out to be a folder, got the file ${folder}`);
  }
  const held = [RUN_STATE, LOG, ...MODEL_FILES].find((file) => existsSync(join(folder, file)));
  if (held !== undefined && !(isResumed && (await isRun(folder)))) {
    const isModel = MODEL_FILES.includes(held);
    const what = isModel ? `a model (${held})` : 'a run';
    const advice = isModel || isResumed ? '' : ': add --resume to go on with it';
    throw new UsageError(`Expected a new folder, got ${folder}, which holds ${what}${advice}`);
  }
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException; // of node:fs
    throw new UsageError(`Expected --out to be a folder that can be written, got ${folder}: ${code}`, { cause: error });
  }
}

/** A run that was stopped before it saved its state has a log only. */
async function isRun(folder: string): Promise<boolean> {
  if (existsSync(join(folder, RUN_STATE))) return true;
  const log = await readFile(join(folder, LOG), 'utf8').catch(() => undefined);
  return log !== undefined && /^(?:\{"step":|$)/.test(log);
}

import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

import { exportModel } from '../../src/export/export-model.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { TINY_CONFIG, tinyWeights } from '../recognizer/tiny-engine.ts';

/** A folder of its own, gone when the test is over. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'hearken-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a whole model folder: it hears nonsense, but as a trained model would. */
export async function writeTinyModel(folder: string): Promise<void> {
  await tf.setBackend('cpu');
  await writeCheckpoint(folder, { config: TINY_CONFIG, weights: tinyWeights() });
  await exportModel(folder);
}

/** Engines of the models in folders. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { createModelExecutor, type ModelWork, type StreamingDevice } from '../backend/model-executor.ts';
import { graphNamesOf, GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { readModelFile, readRecognizerConfig } from '../model/config-file.ts';
import { DEFAULT_DECODING } from '../model/decoding.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { modelFolder } from '../model/model-folder.ts';
import { hasNewTensorNames, withOldFields, withOldTensorNames } from '../model/old-names.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import { WEIGHTS_FILE } from '../model/unchecked-checkpoint.ts';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.ts';
import { createEngine, type Engine } from './engine.ts';

/** The cells that a recogniser runs. */
function cellNamesOf({ memory, decoder, phones }: RecognizerConfig): string[] {
  return [
    'encode',
    ...(memory.beyond === 'forgotten' ? [] : ['summarizeLeaf', 'summarizeInner']),
    'read',
    ...(phones === undefined ? [] : ['phones']),
    ...(decoder?.firstState === 'encoder' ? ['decodeStart'] : []),
    ...(decoder === undefined ? [] : ['decodePrepare', 'decodeStep']),
  ];
}

export type LoadEngineOptions = Pick<ModelWork, 'streams'> & { readonly signal?: AbortSignal | undefined };

/**
 * The model in `folder`, which is looked for from the working directory, then from the package; a bare name means the
 * package's `models/NAME`.
 *
 * Throws `model/not-found`; `model/missing-file`, `model/config` or `model/version`; `safetensors/...` on damaged weights; and as `createModelExecutor`.
 */
export async function loadEngine(
  name: string,
  device: StreamingDevice,
  { streams, signal }: LoadEngineOptions = {},
): Promise<Engine> {
  signal?.throwIfAborted();
  const folder = modelFolder(name);
  const config = await readRecognizerConfig(folder);
  const version = await fingerprintIn(folder, config);
  signal?.throwIfAborted();
  const executor = await createModelExecutor(folder, device, { cells: cellNamesOf(config), streams }, signal);
  try {
    return await createEngine({ config, executor, fingerprint: version });
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

/** The fingerprint that `loadEngine` would give the model now. Throws as it does, but for graphs that are damaged. */
export async function fingerprintOf(name: string): Promise<string> {
  const folder = modelFolder(name);
  return fingerprintIn(folder, await readRecognizerConfig(folder));
}

/** The fingerprint of configuration, weights (which are checked on the way) and graphs under their old names. */
async function fingerprintIn(folder: string, config: RecognizerConfig): Promise<string> {
  const parts: (string | Uint8Array)[] = [describe(config), oldForm(await readModelFile(folder, WEIGHTS_FILE))];
  for (const cell of cellNamesOf(config)) {
    const files = graphNamesOf(cell).map((name) => path.join(GRAPHS_FOLDER, `${name}.onnx`));
    const graph = files.find((file) => existsSync(path.join(folder, file)));
    if (graph !== undefined) parts.push(await readModelFile(folder, graph)); // tfjs needs none
  }
  return fingerprint(config.name, parts);
}

/**
 * The configuration as fingerprints take it. A folder that states the default decoding is the same model as one that
 * states none.
 */
function describe({ decoding, ...config }: RecognizerConfig): string {
  const stated = isDeepStrictEqual(decoding, DEFAULT_DECODING) ? config : { ...config, decoding };
  return JSON.stringify(withOldFields(stated));
}

/** The file `bytes` of weights, as it was before its tensors took up the field's words. */
function oldForm(bytes: Uint8Array): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return hasNewTensorNames(tensors) ? encodeSafetensors(withOldTensorNames(tensors), metadata) : bytes;
}

/** Engines of the models in folders. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { createModelExecutor, type ModelWork, type StreamingDevice } from '../backend/model-executor.ts';
import { graphNamesOf, GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { readModelConfig, readModelFile } from '../model/config-file.ts';
import type { ModelConfig } from '../model/config.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { readsMemory } from '../model/heads.ts';
import { modelFolder } from '../model/model-folder.ts';
import { WEIGHTS_FILE } from '../model/unchecked-checkpoint.ts';
import { codecIn } from './codecs.ts';
import { createSequenceEngine, type SequenceEngine } from './engine.ts';

/** Cells that a model of `config` runs. */
export function cellNamesOf({ memory, heads }: ModelConfig): string[] {
  const { decoder, classifier, regression } = heads;
  return [
    'encode',
    ...(memory.kind === 'hierarchical' ? ['summarizeLeaf', 'summarizeInner'] : []),
    ...(memory.kind === 'hierarchical' && memory.associative !== undefined ? ['associate'] : []),
    ...(memory.kind === 'hierarchical' && memory.cold !== undefined ? ['seek'] : []),
    ...(readsMemory(heads) ? ['read'] : []),
    ...(classifier === undefined && regression === undefined ? [] : ['conclude']),
    ...(decoder?.firstState === 'encoder' ? ['decodeStart'] : []),
    ...(decoder === undefined ? [] : ['decodePrepare', 'decodeStep']),
  ];
}

/**
 * The model in `folder`, looked for as speech models are. Throws `model/not-found`; `model/missing-file`, `model/config` or
 * `model/version`; and as `createModelExecutor`.
 */
export async function loadSequenceEngine(
  name: string,
  device: StreamingDevice,
  { streams }: Pick<ModelWork, 'streams'> = {},
): Promise<SequenceEngine> {
  const folder = modelFolder(name);
  const config = await readModelConfig(folder);
  const executor = await createModelExecutor(folder, device, { cells: cellNamesOf(config), streams });
  try {
    const codecs = await codecIn(folder, config);
    return await createSequenceEngine({
      config,
      executor,
      fingerprint: await fingerprintIn(folder, config),
      codecOf: codecs,
    });
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

async function fingerprintIn(folder: string, config: ModelConfig): Promise<string> {
  const parts: (string | Uint8Array)[] = [JSON.stringify(config), await readModelFile(folder, WEIGHTS_FILE)];
  for (const cell of cellNamesOf(config)) {
    const files = graphNamesOf(cell).map((graph) => path.join(GRAPHS_FOLDER, `${graph}.onnx`));
    const file = files.find((each) => existsSync(path.join(folder, each)));
    if (file !== undefined) parts.push(await readModelFile(folder, file)); // tfjs needs none
  }
  return fingerprint(config.name, parts);
}

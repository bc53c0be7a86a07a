import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import type { SpeechConfig } from './speech-config.ts';
import { readSpeechConfig, readModelFile } from './config-file.ts';
import { withNewTensorNames } from './old-names.ts';

export type Checkpoint = { readonly config: SpeechConfig; readonly weights: HostArrays };

export const WEIGHTS_FILE = 'model.safetensors';

/**
 * The model in `folder`, whose weights are whole but may be those of another configuration: which ones a configuration asks for is
 * known to the cells, which need tfjs. Throws `model/missing-file`; `model/config` or `model/version`; `safetensors/...` on a damaged file.
 */
export async function readUncheckedCheckpoint(folder: string): Promise<Checkpoint> {
  const config = await readSpeechConfig(folder);
  const { tensors } = decodeSafetensors(await readModelFile(folder, WEIGHTS_FILE));
  return { config, weights: withNewTensorNames(tensors) };
}

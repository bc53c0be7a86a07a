import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import type { ModelConfig } from './config.ts';
import type { SpeechConfig } from './speech-config.ts';
import { readModelConfig, readModelFile, readSpeechConfig } from './config-file.ts';
import { readsMemory } from './heads.ts';
import { withNewTensorNames } from './old-names.ts';

export type Checkpoint = { readonly config: SpeechConfig; readonly weights: HostArrays };

/** A model of any parts. */
export type ModelCheckpoint = { readonly config: ModelConfig; readonly weights: HostArrays };

/** A model of any parts, whose configuration may be that of a recogniser. */
export type AnyCheckpoint = { readonly config: ModelConfig | SpeechConfig; readonly weights: HostArrays };

export const WEIGHTS_FILE = 'model.safetensors';

/**
 * The model in `folder`, whose weights are whole but may be those of another configuration: which ones a configuration asks for is
 * known to the cells, which need tfjs. Throws `model/missing-file`; `model/config` or `model/version`; `safetensors/...` on a damaged file.
 */
export async function readUncheckedCheckpoint(folder: string): Promise<Checkpoint> {
  return { config: await readSpeechConfig(folder), weights: await readWeights(folder) };
}

/** The model in `folder`, whatever its parts; otherwise as `readUncheckedCheckpoint`. */
export async function readUncheckedModel(folder: string): Promise<ModelCheckpoint> {
  const config = await readModelConfig(folder);
  return { config, weights: withoutUnread(config, await readWeights(folder)) };
}

/** Without the weights of a read that nothing does, which hierarchical memories of decoders had before. */
function withoutUnread({ heads }: ModelConfig, weights: HostArrays): HostArrays {
  if (readsMemory(heads)) return weights;
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('memory.read.')));
}

/** The weights in `folder`, by their new names. Throws as `readUncheckedCheckpoint` does on them. */
export async function readWeights(folder: string): Promise<HostArrays> {
  const { tensors } = decodeSafetensors(await readModelFile(folder, WEIGHTS_FILE));
  return withNewTensorNames(tensors);
}

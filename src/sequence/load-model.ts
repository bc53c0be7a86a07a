/** Models of sequences from the folders that they are in. */
import { assertOptions, filePath, integerIn, oneOf } from '../arguments.ts';
import { DEVICES, type StreamingDevice } from '../backend/model-executor.ts';
import { loadSequenceEngine } from './load-engine.ts';
import { createSequenceModel, type SequenceModel } from './model.ts';

export type LoadSequenceModelOptions = {
  /** What computes. Default `cpu`: onnxruntime, which needs the graphs that `hearken export` writes. */
  readonly device?: StreamingDevice | undefined;
  /** How many sequences are usually decoded at once, 1..1024: what the device `auto` measures. Default 1. */
  readonly streams?: number | undefined;
};

/**
 * Loads the model of a folder (a path, a `file:` URL, or the name of one that comes with hearken) that takes in symbols or images and
 * writes symbols: docs/guides/sequence-models.md shows one. Throws `model/not-found`, `model/missing-file`, `model/config`, `model/version`, `executor/graph` where it was
 * not exported, `executor/device`, and with `tfjs` `training/not-installed`.
 */
export async function loadSequenceModel(
  folder: string | URL,
  options: LoadSequenceModelOptions = {},
): Promise<SequenceModel> {
  assertOptions('loadSequenceModel', options, { device: oneOf(...DEVICES), streams: integerIn(1, 1_024) });
  const { device = 'cpu', streams } = options;
  return createSequenceModel(await loadSequenceEngine(filePath('folder', folder), device, { streams }));
}

/** The decoders that were trained, which are kept without what they stand on, and the models that they are part of. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { exportModel } from '../../src/export/export-model.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { writeWhole } from '../../src/model/write-whole.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { type Calibrated, calibrated } from './calibration.ts';
import { configOf, ENCODER_FOLDER, type Kind, RUNS_FOLDER } from './config.ts';

const DECODERS_FOLDER = 'models/online-digits/decoders';
const DECODER = 'decoder.';

/** The kept decoder of `kind` and `seed`: its tensors by their names in a checkpoint. */
function decoderFile(kind: Kind, seed: number): string {
  return path.join(DECODERS_FOLDER, `${kind}-${seed}.safetensors`);
}

/** Whether a decoder of `kind` and `seed` is kept. */
export function isKept(kind: Kind, seed: number): boolean {
  return existsSync(decoderFile(kind, seed));
}

/** Keeps the decoder of the trained model in `folder`, calibrated on the tfjs backend that is set. Throws as `readCheckpoint`. */
export async function keepDecoder(folder: string, kind: Kind, seed: number): Promise<Calibrated> {
  const kept = await calibrated(kind, (await readCheckpoint(folder)).weights);
  await mkdir(DECODERS_FOLDER, { recursive: true });
  await writeWhole(decoderFile(kind, seed), encodeSafetensors(decoderIn(kept.weights)));
  return kept;
}

/**
 * Folder of the whole model of a kept decoder, with its graphs, on the tfjs backend that is set: the parts of codes-en and that decoder. Throws
 * as `readCheckpoint` and `exportModel`.
 */
export async function modelWith(kind: Kind, seed: number): Promise<string> {
  const folder = path.join(RUNS_FOLDER, 'models', `${kind}-${seed}`);
  const { weights } = await readCheckpoint(ENCODER_FOLDER);
  const { tensors } = decodeSafetensors(await readFile(decoderFile(kind, seed)));
  await writeCheckpoint(folder, { config: configOf(kind), weights: { ...withoutDecoder(weights), ...tensors } });
  await exportModel(folder);
  return folder;
}

/** The weights of all parts but the decoder. */
export function withoutDecoder(weights: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith(DECODER)));
}

function decoderIn(weights: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(DECODER)));
}

/**
 * A checkpoint folder: `config.json`, `model.safetensors` with every weight by name, `onnx/` with the exported cells,
 * and `README.md`, the model card.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { toHalves } from '../tensor/half.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { encodeSafetensors } from '../tensor/safetensors.ts';
import { type ModelConfig, parseModelConfig } from './config.ts';
import { valueAt } from './config-fields.ts';
import { parseSpeechConfig, type SpeechConfig } from './speech-config.ts';
import { readModelJson, writeModelConfig } from './config-file.ts';
import { modelCard } from './model-card.ts';
import { initModel } from './forward.ts';
import { sequenceCard } from './sequence-card.ts';
import { modelConfigOf } from './config-migration.ts';
import {
  type AnyCheckpoint,
  type Checkpoint,
  type ModelCheckpoint,
  readUncheckedCheckpoint,
  readUncheckedModel,
  WEIGHTS_FILE,
} from './unchecked-checkpoint.ts';
import { leastWeightCount } from './weight-count.ts';
import { writeWhole } from './write-whole.ts';

const CARD_FILE = 'README.md';

/**
 * The model in `folder`. Throws `model/missing-file`; `model/config` or `model/version`; `safetensors/...` on a damaged
 * file; `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the
 * configuration, naming the tensor.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const checkpoint = await readUncheckedCheckpoint(folder);
  assertWeights(checkpoint.config, checkpoint.weights);
  return checkpoint;
}

/** The model in `folder`, whatever its parts. Throws as `readCheckpoint`. */
export async function readModelCheckpoint(folder: string): Promise<ModelCheckpoint> {
  const checkpoint = await readUncheckedModel(folder);
  assertWeights(checkpoint.config, checkpoint.weights);
  return checkpoint;
}

/**
 * Writes weights and configuration to `folder`, made where it is not there, and a model card, unless there is one that a person wrote.
 * Each file is written whole or not at all. Throws as `readCheckpoint` does where weights and configuration do not fit.
 */
export async function writeCheckpoint(folder: string, { config, weights }: AnyCheckpoint): Promise<void> {
  assertWeights(config, weights);
  await mkdir(folder, { recursive: true });
  const hasOwnCard = await hasCardOfItsOwn(folder, weights);
  await writeWhole(
    path.join(folder, WEIGHTS_FILE),
    encodeSafetensors(weights, { format: config.format }, { halves: areHalves(weights) }),
  );
  await writeModelConfig(folder, config);
  if (!hasOwnCard) await writeWhole(path.join(folder, CARD_FILE), cardOf(config, weights));
}

/** Whether all weights were rounded to half precision (scripts/round-weights.ts): they are stored in it then. */
function areHalves(weights: HostArrays): boolean {
  return Object.values(weights).every(({ data }) => data instanceof Float32Array && toHalves(data) !== undefined);
}

/** Whether the folder has a card that is not the one that was made of its configuration. */
async function hasCardOfItsOwn(folder: string, weights: HostArrays): Promise<boolean> {
  const file = path.join(folder, CARD_FILE);
  if (!existsSync(file)) return false;
  try {
    const json = await readModelJson(folder);
    const made = cardOf(valueAt(json, ['version']) === 1 ? parseSpeechConfig(json) : parseModelConfig(json), weights);
    return made !== (await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof HearkenError) return true; // no configuration that it could have been made of
    throw error;
  }
}

function cardOf(config: ModelConfig | SpeechConfig, weights: HostArrays): string {
  return config.version === 1 ? modelCard(config, weights) : sequenceCard(config, weights);
}

/** Throws unless `weights` are exactly the tensors of a model of `config`, float32 and finite. */
export function assertWeights(config: SpeechConfig | ModelConfig, weights: HostArrays): void {
  const model = modelConfigOf(config);
  assertEnough(leastWeightCount(model), weights);
  assertTensors(initModel(model, Random.seeded(0)), weights);
}

/**
 * Throws where `weights` hold far fewer than `least` numbers: tensors of the sizes that ask for them would be made, only to find that
 * they are not there. Where it is not far, the tensor that lacks can be named.
 */
export function assertEnough(least: number, weights: HostArrays): void {
  const count = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  if (4 * count >= least) return;
  throw new HearkenError(
    'model/tensor',
    `Expected at least ${least} weights by the sizes in \`config.json\`, got ${count}`,
  );
}

/** Throws unless `weights` are tensors of the names and shapes of `expected`, float32 and finite, and no others. */
export function assertTensors(expected: HostArrays, weights: HostArrays): void {
  for (const [name, { shape }] of Object.entries(expected)) {
    const tensor = weights[name];
    if (tensor === undefined) {
      throw new HearkenError(
        'model/missing-tensor',
        `Expected tensor \`${name}\` of shape [${shape.join(', ')}] among the weights, got none`,
      );
    }
    assertWeight(name, tensor, shape);
  }
  const surplus = Object.keys(weights).find((name) => expected[name] === undefined);
  if (surplus !== undefined) {
    throw new HearkenError(
      'model/unexpected-tensor',
      `Expected only the tensors that \`config.json\` asks for, got \`${surplus}\` too`,
    );
  }
}

function assertWeight(name: string, { shape, data }: HostArray, expected: readonly number[]): void {
  const refuse = (what: string, got: string): never => {
    throw new HearkenError('model/tensor', `Expected tensor \`${name}\` ${what}, got ${got}`);
  };
  if (!(data instanceof Float32Array)) refuse('of dtype float32', 'int32');
  if (shape.join() !== expected.join()) refuse(`of shape [${expected.join(', ')}]`, `[${shape.join(', ')}]`);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) refuse('to hold finite numbers', `${data[wrong]} at ${wrong}`);
}

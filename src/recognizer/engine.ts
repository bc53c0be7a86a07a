/** What all streams of a model share: its configuration, its executor, the tables of its audio front. Never a stream. */
import path from 'node:path';
import { createModelExecutor, type ModelWork, type StreamingDevice } from '../backend/model-executor.ts';
import { type Executor, zeroStates } from '../cell/executor.ts';
import { HearkenError } from '../errors.ts';
import { graphNamesOf, GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { readRecognizerConfig, readModelFile } from '../model/config-file.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import { DEFAULT_DECODING } from '../model/decoding.ts';
import { hasNewTensorNames, withOldFields, withOldTensorNames } from '../model/old-names.ts';
import { WEIGHTS_FILE } from '../model/unchecked-checkpoint.ts';
import type { SeenMemoryConfig } from '../memory/state.ts';
import { packageRoot } from '../package-root.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.ts';
import type { EncodeSizes } from './encode.ts';
import { type AudioFront, createAudioFront } from './front-end.ts';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

export type Engine = {
  readonly config: RecognizerConfig;
  readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  readonly front: AudioFront;
  readonly sizes: EncodeSizes;
  /** The encoder's `state.*` arrays at a stream's start, each `[1, ...]`. */ readonly encoderStart: HostArrays;
  /** Seconds from one vector to the next. */ readonly secondsPerVector: number;
  /**
   * From what the memory's summaries are hidden, to measure what they give: set by evaluations alone, and kept in no snapshot.
   * Default: from nothing.
   */
  readonly hidden?: HiddenFrom | undefined;
};

/** What is kept from seeing summaries: the read of every vector, which CTC's rows come from; the attention decoder; or both. */
export type HiddenFrom = 'read' | 'decoder' | 'both';

export const HIDDEN_FROM: readonly HiddenFrom[] = ['read', 'decoder', 'both'];

/** The memory as the read, or the attention decoder, sees it. */
export function memorySeenBy({ config, hidden }: Engine, reader: Exclude<HiddenFrom, 'both'>): SeenMemoryConfig {
  return hidden === reader || hidden === 'both' ? { ...config.memory, hidesSummaries: true } : config.memory;
}

/** A model to make an engine of. `executor` runs its cells and stays the caller's to dispose of. */
export type EngineModel = Pick<Engine, 'config' | 'executor' | 'fingerprint'>;

/**
 * Makes an engine of a loaded model. Throws `executor/unknown-cell` or `executor/graph` where the encoder cannot be
 * had.
 */
export async function createEngine(model: EngineModel): Promise<Engine> {
  const { features, encoder, memory } = model.config;
  return {
    ...model,
    front: createAudioFront(model.config),
    sizes: { frameDepth: features.bandCount * encoder.frameStack, depth: memory.depth },
    encoderStart: zeroStates(await model.executor.inputs('encode'), { B: 1 }),
    secondsPerVector: (features.hopLength * encoder.frameStack) / features.sampleRate,
  };
}

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

/** Hexadecimal digits of a SHA-256 in a fingerprint: enough that no two models ever share them. */
const DIGITS = 16;

/** A short name that differs between models whose `parts` differ. */
export function fingerprint(name: string, parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `${name}-${hash.digest('hex').slice(0, DIGITS)}`;
}

/**
 * The folder of model `name`: from the working directory, else from the package; a bare name also means the package's
 * `models/NAME`. Throws `model/not-found`.
 */
export function modelFolder(name: string): string {
  const isBare = path.basename(name) === name;
  const places = [path.resolve(name), path.join(packageRoot(), ...(isBare ? ['models'] : []), name)];
  const found = places.find((place) => existsSync(path.join(place, 'config.json'))) ?? places.find(existsSync);
  if (found !== undefined) return found;
  throw new HearkenError('model/not-found', `Expected a model folder at ${places.join(' or ')}, got nothing there`);
}

/** Streams of tokens through a memory: what a token model, trained on short sequences, answers at any moment of a long one. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import {
  aFunction,
  anObject,
  aSignal,
  assertChunks,
  assertOptions,
  type Check,
  type Checks,
  filePath,
  integerIn,
  oneOf,
} from '../arguments.ts';
import { createModelExecutor, DEVICES, type StreamingDevice } from '../backend/model-executor.ts';
import { GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { createColdStores } from '../cold/cold-stores.ts';
import { valueAt } from '../model/config-fields.ts';
import { readModelFile, readModelJson } from '../model/config-file.ts';
import { isTokenModelConfig } from '../model/config-migration.ts';
import { abortable } from '../recognizer/abortable.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { modelFolder } from '../model/model-folder.ts';
import type { RecognizerStream } from '../recognizer/recognizer.ts';
import { pieces } from '../recognizer/stream.ts';
import { cellNamesOf } from '../sequence/load-engine.ts';
import { assertTrainingStack } from '../training-stack.ts';
import { readTokenConfig, tokenStreamConfig } from './config.ts';
import { type AnswersEvent, assertTokenArray, createTokenRecognizer, type OpenTokensOptions } from './recognizer.ts';
import { advanceTokens, startTokens, type TokenEncoding, type TokenEngine } from './stream.ts';

/** Ids of tokens, in chunks of any size. */
export type TokenChunks = AsyncIterable<Int32Array> | Iterable<Int32Array>;

/** A loaded token model; any number of streams may use it at once. `await using` disposes of it, or `dispose` when they are done. */
export type TokenModel = AsyncDisposable & {
  /** Number of tokens in the alphabet: ids 0 to this less 1 may come. */ readonly alphabetSize: number;
  readonly labelCount: number;
  /** Name of what computes the model, for example `onnx-cpu`; another once a GPU is lost. */ readonly device: string;
  /** Why that computes it, where `auto` chose. */ readonly deviceReason: string | undefined;
  /**
   * Opens a stream that is pushed ids of tokens, saved and gone on with by hand; it tells the likeliest label after each, in blocks of
   * up to 64; a flush tells those that fill none. Throws `option/...`; `snapshot/...` where it cannot go on from `from`, `leaves/in-use` where another
   * stream has its leaves, and `leaves/folder` where the folder of leaves cannot be used. Its calls reject with `leaves/failed` where that fails later.
   */
  open(options?: OpenTokensOptions): RecognizerStream<Int32Array, AnswersEvent>;
  /**
   * Encodes a stream of token ids. Throws `token/unknown` on an id that the model does not have, or the reason of
   * `signal`.
   */
  encode(
    chunks: TokenChunks,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<TokenEncoding, void, undefined>;
  /** Frees what the model holds; streams that run fail. Disposing again does nothing. */ dispose(): Promise<void>;
};

/** The most tokens that are computed at once: bounds memory, and how long an abort takes. */
const LONGEST_PIECE = 1_024;

/** The most streams that are computed together. */
const MAXIMUM_BATCH = 64;

const aPath: Check = (name, value) => void filePath(name, value as string | URL); // it looks at what it is given

const OPEN_CHECKS: Checks<OpenTokensOptions> = {
  from: anObject,
  withoutLeaves: oneOf(true, false),
  onLeavesDropped: aFunction,
};

/** Makes a token model of `engine`; the model then owns the engine's executor and disposes of it. */
export function createTokenModel(engine: TokenEngine): TokenModel {
  const { alphabetSize, labelCount } = engine.config;
  const recognizer = createTokenRecognizer(engine, {
    maximumBatch: MAXIMUM_BATCH,
    maximumWaitMs: 0,
    longestPiece: LONGEST_PIECE,
    readsAhead: false, // nothing is gained by it in one process
  });
  const dispose = async (): Promise<void> => {
    await recognizer.idle();
    await engine.executor[Symbol.asyncDispose]();
    engine.cold?.close();
  };
  return {
    alphabetSize,
    labelCount,
    get device() {
      return engine.executor.name;
    },
    get deviceReason() {
      return engine.executor.reason;
    },
    open: (options = {}) => {
      assertOptions('open', options, OPEN_CHECKS);
      return recognizer.open(options);
    },
    encode: (chunks, options = {}) => {
      assertChunks('tokens', chunks);
      assertOptions('encode', options, { signal: aSignal });
      return encodeTokenStream(engine, chunks, options.signal);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

async function* encodeTokenStream(
  engine: TokenEngine,
  chunks: TokenChunks,
  signal?: AbortSignal,
): AsyncGenerator<TokenEncoding, void, undefined> {
  let state = startTokens(engine);
  try {
    for await (const chunk of abortable(chunks, signal)) {
      assertTokenArray(chunk);
      for (const piece of pieces(chunk, LONGEST_PIECE)) {
        signal?.throwIfAborted();
        const [outcome] = await advanceTokens(engine, [state], [piece], signal);
        if (outcome === undefined) continue; // there is one for each stream
        if ('error' in outcome) throw outcome.error;
        ({ state } = outcome);
        yield outcome.encoding;
      }
    }
  } finally {
    state.memory.cold?.store.close();
  }
}

export type LoadTokenModelOptions = {
  /**
   * What computes. Default: onnxruntime on the CPU where the folder has the graphs that `hearken export` writes, else tfjs. After
   * another training the folder is to be exported again.
   */
  readonly device?: StreamingDevice | undefined;
  /** How many streams are usually open at once, 1..1024: what the device `auto` measures. Default 1. */
  readonly streams?: number | undefined;
  /**
   * The folder in which streams of a model with a cold store keep their leaves, each in a folder of its own, for streams larger than memory and
   * such as go on elsewhere; default in memory.
   */
  readonly leaves?: string | URL | undefined;
};

/**
 * Loads the folder (a path or a `file:` URL) that a recipe of tokens such as `models/salient-recall` has written. Throws
 * `model/missing-file` or `model/config`; of exported graphs `executor/graph` naming the cell whose file is missing or damaged, and
 * `executor/device`; with tfjs `training/not-installed` where tfjs, an optional package, is not installed, `safetensors/...` on a damaged
 * file, and `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 *
 * @example
 * ```ts
 * import { loadTokenModel } from 'hearken';
 *
 * await using model = await loadTokenModel('.runs/salient-recall');
 * const [marker, question] = [model.labelCount, model.labelCount + 1];
 * for await (const { first, logProbabilities } of model.encode([Int32Array.of(marker, 5, 1, 2, 3, question)])) {
 *   console.log(`${logProbabilities.length / model.labelCount} answers from token ${first} on`);
 * }
 * // => 6 answers from token 0 on
 * ```
 */
export async function loadTokenModel(folder: string | URL, options: LoadTokenModelOptions = {}): Promise<TokenModel> {
  assertOptions('loadTokenModel', options, {
    device: oneOf(...DEVICES),
    streams: integerIn(1, 1_024),
    leaves: aPath,
  });
  return createTokenModel(await loadTokenEngine(filePath('folder', folder), options));
}

type LoadTokenEngineOptions = LoadTokenModelOptions & {
  /** Is given what loads the best tfjs backend, and need not call it where one is loaded. */
  readonly ready?: (load: () => Promise<unknown>) => Promise<unknown>;
};

/** Loads a token model for streams that are values; throws as `loadTokenModel` does. The executor is the caller's to dispose of. */
export async function loadTokenEngine(
  folder: string,
  {
    device = hasGraphs(folder) ? 'cpu' : 'tfjs',
    streams,
    leaves,
    ready = (load) => load(),
  }: LoadTokenEngineOptions = {},
): Promise<TokenEngine> {
  const engine = device === 'tfjs' ? await tfjsEngine(folder, ready) : await onnxEngine(folder, device, streams);
  if (engine.config.memory.cold === undefined) return engine;
  return { ...engine, cold: createColdStores(leaves === undefined ? {} : { folder: filePath('leaves', leaves) }) };
}

async function onnxEngine(
  folder: string,
  device: Exclude<StreamingDevice, 'tfjs'>,
  streams: number | undefined,
): Promise<TokenEngine> {
  const version = await tokenFingerprintOf(folder);
  const config = await readTokenConfig(folder);
  const sizes = tokenStreamConfig(config);
  const executor = await createModelExecutor(folder, device, { cells: cellNamesOf(config), streams });
  return { config: sizes, executor, fingerprint: version };
}

/** Whether a graph of the model was exported: then all of them are to be there. */
function hasGraphs(folder: string): boolean {
  const graphs = path.join(folder, GRAPHS_FOLDER);
  return existsSync(graphs) && readdirSync(graphs).some((file) => path.extname(file) === '.onnx');
}

async function tfjsEngine(folder: string, ready: NonNullable<LoadTokenEngineOptions['ready']>): Promise<TokenEngine> {
  assertTrainingStack();
  const [{ readTokenCheckpoint }, { cellsOf }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('./checkpoint.ts'), // not before it is needed: tfjs takes its time
    import('../model/cells.ts'),
    import('../backend/backends.ts'),
    import('../cell/tfjs-executor.ts'),
  ]);
  const version = await tokenFingerprintOf(folder);
  const { config, weights } = await readTokenCheckpoint(folder);
  const sizes = tokenStreamConfig(config);
  await ready(() => loadBackend());
  return { config: sizes, executor: createTfjsExecutor(cellsOf(config), weights), fingerprint: version };
}

/** The fingerprint that `loadTokenEngine` would give the model now: of its weights, whatever computes. Throws `model/missing-file` or `model/config`. */
export async function tokenFingerprintOf(folder: string): Promise<string> {
  const config = JSON.stringify(await readModelJson(folder));
  return fingerprint('tokens', [config, await readModelFile(folder, 'model.safetensors')]);
}

/** Whether the folder `name`, looked for as `loadEngine` does, holds a token model. Throws as that on what is no model. */
export async function isTokenModel(name: string): Promise<boolean> {
  const config = await readModelJson(modelFolder(name));
  return isTokenModelConfig(config) || valueAt(config, ['heads', 'answers']) !== undefined;
}

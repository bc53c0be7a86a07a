/** What a loaded model of sequences shares: configuration, executor, codecs. Never a sequence. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Executor } from '../cell/executor.ts';
import { graphNamesOf, GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { zeroStates } from '../cell/executor.ts';
import { isCausal } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import { readModelConfig, readModelFile } from '../model/config-file.ts';
import { labelCountOf, type ModelConfig, modelDepth } from '../model/config.ts';
import type { DecoderHead } from '../model/heads.ts';
import type { TokenSource } from '../model/source.ts';
import { WEIGHTS_FILE } from '../model/unchecked-checkpoint.ts';
import { fingerprint, modelFolder, type StreamingDevice } from '../recognizer/engine.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { SymbolCodec } from '../text/symbols.ts';
import { assertTrainingStack } from '../training-stack.ts';
import { codecIn } from './codecs.ts';

export type SequenceEngine = {
  readonly config: ModelConfig;
  readonly decoder: DecoderHead;
  /** Runs the cells of `sequenceCells`. */ readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  readonly input: SymbolCodec;
  readonly output: SymbolCodec;
  /** D: depth of an encoded vector. */ readonly depth: number;
  /** L */ readonly labelCount: number;
  /** Whether a vector is there as soon as its symbol is. */ readonly isCausal: boolean;
  /** The encoder's `state.*` arrays at the start, each `[1, ...]`. */ readonly encoderStart: HostArrays;
};

/** A model to make an engine of. `executor` stays the caller's to dispose of. */
export type SequenceEngineModel = Pick<SequenceEngine, 'config' | 'executor' | 'fingerprint'> & {
  readonly codecOf: (symbols: TokenSource['symbols']) => SymbolCodec;
};

/** Throws `model/config` where the model takes in no tokens or has no decoder; `executor/...` where a cell cannot be had. */
export async function createSequenceEngine(model: SequenceEngineModel): Promise<SequenceEngine> {
  const { config, executor, codecOf } = model;
  const { source, encoder, heads } = config;
  const { decoder } = heads;
  if (source.kind !== 'tokens' || decoder?.symbols === undefined) {
    throw new HearkenError(
      'model/config',
      `Expected a model that takes in symbols and writes others by a decoder, got one of ${source.kind} with ${Object.keys(heads).join(', ')}`,
    );
  }
  return {
    config,
    decoder,
    executor,
    fingerprint: model.fingerprint,
    input: codecOf(source.symbols),
    output: codecOf(decoder.symbols),
    depth: modelDepth(config),
    labelCount: labelCountOf(config, 'decoder'),
    isCausal: isCausal(encoder),
    encoderStart: zeroStates(await executor.inputs('encode'), { B: 1 }),
  };
}

/** Cells that a model of `config` runs. */
export function cellNamesOf({ memory, heads }: ModelConfig): string[] {
  return [
    'encode',
    ...(memory.kind === 'hierarchical' ? ['summarizeLeaf', 'summarizeInner'] : []),
    ...(heads.decoder?.firstState === 'encoder' ? ['decodeStart'] : []),
    'decodePrepare',
    'decodeStep',
  ];
}

/**
 * The model in `folder`, looked for as speech models are. Throws `model/not-found`; `model/missing-file`, `model/config` or
 * `model/version`; `executor/graph` naming the cell whose file is missing or damaged; `executor/device`; with `tfjs`
 * `training/not-installed`, and what `readModelCheckpoint` throws.
 */
export async function loadSequenceEngine(name: string, device: StreamingDevice): Promise<SequenceEngine> {
  const folder = modelFolder(name);
  const config = await readModelConfig(folder);
  const executor = device === 'tfjs' ? await tfjsExecutor(folder) : await onnxExecutor(folder, device);
  try {
    for (const cell of cellNamesOf(config)) await executor.inputs(cell);
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

async function onnxExecutor(folder: string, device: Exclude<StreamingDevice, 'tfjs'>): Promise<Executor> {
  const { createOnnxExecutor } = await import('../cell/onnx-executor.ts');
  return createOnnxExecutor(path.join(folder, GRAPHS_FOLDER), { device });
}

async function tfjsExecutor(folder: string): Promise<Executor> {
  assertTrainingStack();
  const [{ readModelCheckpoint }, { sequenceCells }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/checkpoint.ts'),
    import('../model/sequence-cells.ts'),
    import('../backend/backends.ts'),
    import('../cell/tfjs-executor.ts'),
  ]);
  const { config, weights } = await readModelCheckpoint(folder);
  const cells = sequenceCells(config);
  await loadBackend();
  return createTfjsExecutor(cells, weights);
}

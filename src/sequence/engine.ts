/** What a loaded model of sequences shares: configuration, executor, codecs. Never a sequence. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { createModelExecutor, type ModelWork, type StreamingDevice } from '../backend/model-executor.ts';
import type { Executor } from '../cell/executor.ts';
import { graphNamesOf, GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { zeroStates } from '../cell/executor.ts';
import { isCausal } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import { readModelConfig, readModelFile } from '../model/config-file.ts';
import { labelCountOf, type ModelConfig, modelDepth } from '../model/config.ts';
import { readsMemory } from '../model/heads.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { streamedMemory } from '../memory/kinds.ts';
import type { TokenSource } from '../model/source.ts';
import { WEIGHTS_FILE } from '../model/unchecked-checkpoint.ts';
import { fingerprint, modelFolder } from '../recognizer/engine.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { SymbolCodec } from '../text/symbols.ts';
import { codecIn } from './codecs.ts';

export type SequenceEngine = {
  readonly config: ModelConfig;
  /** Runs the model's cells. */ readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  readonly input: SymbolCodec;
  /** What writes; absent where the model only says something of the whole. Where there are two, CTC was there for the training. */
  readonly writer: 'decoder' | 'ctc' | undefined;
  /** Symbols that are written; there is one where there is a writer. */ readonly output: SymbolCodec | undefined;
  /** L: labels of the writer. */ readonly labelCount: number;
  /** Whether a head says something of the whole. */ readonly concludes: boolean;
  /** D: depth of an encoded vector. */ readonly depth: number;
  readonly memory: MemoryConfig;
  /** Whether a vector is there as soon as its symbol is. */ readonly isCausal: boolean;
  /** The encoder's `state.*` arrays at the start, each `[1, ...]`. */ readonly encoderStart: HostArrays;
};

/** A model to make an engine of. `executor` stays the caller's to dispose of. */
export type SequenceEngineModel = Pick<SequenceEngine, 'config' | 'executor' | 'fingerprint'> & {
  readonly codecOf: (symbols: TokenSource['symbols']) => SymbolCodec;
};

/** Throws `model/config` where the model takes in no tokens or says nothing of sequences; `executor/...` where a cell cannot be had. */
export async function createSequenceEngine(model: SequenceEngineModel): Promise<SequenceEngine> {
  const { config, executor, codecOf, fingerprint: version } = model;
  const { source, encoder, heads } = config;
  const { ctc, decoder, classifier, regression } = heads;
  const writer = decoder === undefined ? (ctc === undefined ? undefined : 'ctc') : 'decoder';
  const concludes = classifier !== undefined || regression !== undefined;
  if (source.kind !== 'tokens' || (writer === undefined && !concludes)) {
    throw new HearkenError(
      'model/config',
      `Expected a model that takes in symbols, and writes others or says something of the whole, got one of ${source.kind} with ${Object.keys(heads).join(', ')}`,
    );
  }
  const depth = modelDepth(config);
  const written = writer === undefined ? undefined : heads[writer]?.symbols;
  return {
    config,
    executor,
    fingerprint: version,
    input: codecOf(source.symbols),
    writer,
    output: written === undefined ? undefined : codecOf(written),
    labelCount: writer === undefined ? 0 : labelCountOf(config, writer),
    concludes,
    depth,
    memory: streamedMemory(config.memory, depth),
    isCausal: isCausal(encoder),
    encoderStart: zeroStates(await executor.inputs('encode'), { B: 1 }),
  };
}

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

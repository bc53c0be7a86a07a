/** What a loaded model of sequences shares: configuration, executor, codecs. Never a sequence. */
import { type Executor, zeroStates } from '../cell/executor.ts';
import { isCausal } from '../encoder/config.ts';
import { gridSize } from '../encoder/grid-size.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { streamedMemory } from '../memory/kinds.ts';
import { labelCountOf, type ModelConfig, modelDepth } from '../model/config.ts';
import type { TokenSource } from '../model/source.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { SymbolCodec } from '../text/symbols.ts';

/** Cells of an image, row by row. */
export type Grid = { readonly rows: number; readonly columns: number };

export type SequenceEngine = {
  readonly config: ModelConfig;
  /** Runs the model's cells. */ readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  /** Symbols that come in; absent where images do. */ readonly input: SymbolCodec | undefined;
  /** Grid of the parts of an image; absent where symbols come in. */ readonly grid: Grid | undefined;
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

/** Throws `model/config` where the model takes in neither tokens nor images, or says nothing of sequences; `executor/...` where a cell cannot be had. */
export async function createSequenceEngine(model: SequenceEngineModel): Promise<SequenceEngine> {
  const { config, executor, codecOf, fingerprint: version } = model;
  const { source, encoder, heads } = config;
  const { ctc, decoder, classifier, regression } = heads;
  const writer = decoder === undefined ? (ctc === undefined ? undefined : 'ctc') : 'decoder';
  const concludes = classifier !== undefined || regression !== undefined;
  const isTaken = source.kind === 'tokens' || source.kind === 'image';
  if (!isTaken || (writer === undefined && !concludes)) {
    throw new HearkenError(
      'model/config',
      `Expected a model that takes in symbols or images, and writes symbols or says something of the whole, got one of ${source.kind} with ${Object.keys(heads).join(', ')}`,
    );
  }
  const depth = modelDepth(config);
  const written = writer === undefined ? undefined : heads[writer]?.symbols;
  return {
    config,
    executor,
    fingerprint: version,
    input: source.kind === 'tokens' ? codecOf(source.symbols) : undefined,
    grid: encoder.kind === 'grid' ? gridSize(encoder) : undefined,
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

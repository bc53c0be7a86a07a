/** A stream of symbols of whatever model takes them in, whose answers are lines of JSON. */
import type { AnswersEvent, RecognizerStream, SequenceEvent, StreamingDevice, StreamSnapshot } from '../src/index.ts';
import type { ModelConfig } from '../src/model/config.ts';
import type { TokenSource } from '../src/model/source.ts';
import type { SymbolCodec } from '../src/text/symbols.ts';
import { tellDevice } from './device-option.ts';
import { UsageError } from './usage-error.ts';

export type SymbolStream = AsyncDisposable & {
  readonly codec: SymbolCodec;
  readonly source: TokenSource;
  /** Number of the symbol that comes next: of the stream, or, of a model that writes sequences, of the sequence. */
  readonly position: () => number;
  /** Takes in symbols; lines of what they brought. */ readonly take: (ids: Int32Array) => Promise<string>;
  /** Ends a sequence; lines of what its end brought. A model that answers to each symbol knows no end. */
  readonly end: () => Promise<string>;
  /** The bytes from which `openSymbolStream` goes on. */ readonly snapshot: () => Promise<Uint8Array>;
};

export type StreamBegin = {
  /** What computes. Default: onnxruntime on the processor, tfjs where the model was not exported. */
  readonly device?: StreamingDevice | undefined;
  /** The bytes of a snapshot to go on from. */ readonly snapshot: Uint8Array | undefined;
  /** The folder of the leaves of a model with a cold store. */ readonly leaves?: string | undefined;
  /** Whether it goes on from the snapshot without the leaves that this names. */ readonly withoutLeaves?:
    | true
    | undefined;
  /** Whether a snapshot is taken at its end. */ readonly isPaused: boolean;
  /** Is told how many leaves that came after the snapshot are let go of. */ readonly onLeavesDropped: (
    count: number,
  ) => void;
};

/** What streams of a kind of model have of their own. */
type Model<Event> = AsyncDisposable & {
  readonly device: string;
  readonly deviceReason: string | undefined;
  readonly open: (options: {
    readonly from?: StreamSnapshot | undefined;
    readonly withoutLeaves?: boolean | undefined;
    readonly onLeavesDropped?: StreamBegin['onLeavesDropped'];
  }) => RecognizerStream<Int32Array, Event>;
};

/** How events of a kind become lines: those of a piece of symbols, the first of which has number `first`. */
type Lines<Event> = {
  readonly isEndless: boolean;
  readonly lineOf: (event: Event, ids: Int32Array, first: number) => string;
};

/**
 * Opens a stream of the model in `folder`, at its beginning or from the bytes of a snapshot. Throws a usage error where the model takes in no symbols, `snapshot/...`,
 * and what `loadTokenModel` and `loadSequenceModel` throw.
 */
export async function openSymbolStream(folder: string, begin: StreamBegin): Promise<SymbolStream> {
  const [{ readTokenConfig }, { codecIn }, { loadSequenceModel, loadTokenModel }] = await Promise.all([
    import('../src/tokens/config.ts'),
    import('../src/sequence/codecs.ts'),
    import('../src/index.ts'),
  ]);
  const { device, leaves } = begin;
  const config = await readTokenConfig(folder);
  const source = tokenSourceOf(config);
  const codec = (await codecIn(folder, config))(source.symbols);
  const shared = { codec, source };
  assertLeaves(config, begin);
  if (config.heads.answers === undefined) {
    return { ...shared, ...(await streamOf(await loadSequenceModel(folder, { device }), begin, SEQUENCES)) };
  }
  const loaded = await loadTokenModel(folder, { device, leaves });
  return { ...shared, ...(await streamOf(loaded, begin, answersWith(shared))) };
}

/** A model whose streams keep leaves, and a snapshot that only names them, need a place for them that outlasts the program. */
function assertLeaves({ name, memory }: ModelConfig, { leaves, withoutLeaves, isPaused }: StreamBegin): void {
  const hasLeaves = memory.kind === 'hierarchical' && memory.cold !== undefined;
  if (!hasLeaves && (leaves !== undefined || withoutLeaves === true)) {
    throw new UsageError(`Expected no --leaves and no --without-leaves: ${name} has no cold store`);
  }
  if (!hasLeaves || !isPaused || leaves !== undefined) return;
  throw new UsageError(`Expected --leaves <folder> with --snapshot: ${name} keeps leaves, which a snapshot only names`);
}

function tokenSourceOf({ name, source }: ModelConfig): TokenSource {
  if (source.kind === 'tokens') return source;
  throw new UsageError(`Expected a model that takes in symbols, got ${name}, which takes in ${source.kind}`);
}

async function streamOf<Event>(
  model: Model<Event>,
  { snapshot, withoutLeaves, onLeavesDropped }: StreamBegin,
  { isEndless, lineOf }: Lines<Event>,
): Promise<Omit<SymbolStream, 'codec' | 'source'>> {
  tellDevice(model);
  try {
    const begin = { ...(withoutLeaves && { withoutLeaves }), ...(isEndless && { onLeavesDropped }) };
    const stream = model.open(snapshot === undefined ? {} : { from: fromBytes(snapshot), ...begin });
    let keepsLeaves = false;
    let position = 0;
    if (snapshot !== undefined) {
      const { samplesHeard, samplesBefore } = await stream.snapshot();
      position = samplesHeard + samplesBefore;
    }
    const linesOf = (events: readonly Event[], ids: Int32Array, first: number): string =>
      events.map((event) => lineOf(event, ids, first)).join('');
    return {
      position: () => position,
      take: async (ids) => {
        const first = position;
        position += ids.length;
        const asked = [stream.push(ids.slice()), ...(isEndless ? [stream.flush()] : [])]; // at once: one batch takes both
        return linesOf((await Promise.all(asked)).flat(), ids, first);
      },
      end: async () => {
        const lines = linesOf(await stream.flush(), new Int32Array(0), position);
        if (!isEndless) position = 0;
        return lines;
      },
      snapshot: async () => {
        const { state } = await stream.snapshot();
        keepsLeaves = true; // the snapshot names them
        return state;
      },
      [Symbol.asyncDispose]: async () => {
        stream.close(keepsLeaves ? { keepsLeaves } : {});
        await model[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
}

/** Symbols have no rate: the state is all that a stream of them goes on from. */
function fromBytes(bytes: Uint8Array): StreamSnapshot {
  return {
    state: Uint8Array.from(bytes),
    resamplerTail: new Float32Array(0),
    resamplerPhase: 0,
    samplesHeard: 0,
    samplesBefore: 0,
  };
}

/** A line for each symbol, told at once. */
function answersWith({ codec, source }: Pick<SymbolStream, 'codec' | 'source'>): Lines<AnswersEvent> {
  const isNamed = source.symbols.unit !== 'id';
  return {
    isEndless: true,
    lineOf: ({ firstToken, labels, probabilities }, ids, first) =>
      labels
        .map((label, index) => {
          const position = firstToken + index;
          const token = ids[position - first]; // absent of what came before the snapshot of a program
          const symbol = isNamed && token !== undefined ? codec.nameOf(token) : undefined;
          const probability = Math.round((probabilities[index] ?? 0) * 1e6) / 1e6;
          return `${JSON.stringify({ position, token, symbol, label, probability })}\n`;
        })
        .join(''),
  };
}

/** The events as they are; nothing of a sequence without symbols, as there is one after the last empty line. */
const SEQUENCES: Lines<SequenceEvent> = {
  isEndless: false,
  lineOf: (event) => (event.type === 'end' && event.inputs === 0 ? '' : `${JSON.stringify(event)}\n`),
};

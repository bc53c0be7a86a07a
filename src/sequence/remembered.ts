/** What stands in the memory when a sequence has ended, and which input each of its entries is of. */
import { concatenate } from '../tensor/concatenate.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { floatsNamed } from '../cell/rows.ts';
import type { DecoderEntries } from '../decoder/decoder-batch.ts';
import { firstStates } from '../decoder/first-states.ts';
import { attribute } from '../memory/attribute.ts';
import { PoolingLog } from '../memory/pooling-log.ts';
import { emptyMemory, heldEntries, type MemoryRows, type MemoryState } from '../memory/state.ts';
import { advanceMemories, growMemories } from '../memory/streaming.ts';
import type { SequenceEngine } from './engine.ts';
import { type Sequence, vectorCount } from './ids.ts';

/** A sequence that has ended: what heads read, and what CTC made of it. */
export type Ended = DecoderEntries & {
  readonly memory: MemoryState;
  /** `[D]`: the encoder's last state. */ readonly final: Float32Array;
  /** Log-probabilities `[N, L + 1]` at each input, where CTC writes and it was not written before. */
  readonly rows?: Float32Array | undefined;
};

/** A sequence that was taken in as a whole: with it, how its alignments become shares of inputs. */
export type Remembered = Ended & {
  /** Shares `[N]` of the inputs of an alignment `[E]`. */
  readonly overInputs: (alignment: Float32Array) => Float32Array;
};

/** Sequences of ids, each of 1 or more, or images, taken in together; result i belongs to sequence i. `signal` is looked at before each cell. */
export async function rememberAll(
  engine: SequenceEngine,
  sequences: readonly Sequence[],
  signal?: AbortSignal,
): Promise<Remembered[]> {
  signal?.throwIfAborted();
  const { depth } = engine;
  const counts = sequences.map((sequence) => vectorCount(engine, sequence));
  const longest = Math.max(...counts);
  const outputs = await engine.executor.run('encode', encodeInputs(engine, sequences, longest));
  const chunks = counts.map((count, row) => encodedRows(outputs, row * longest, count, depth));
  const logs = sequences.map(() => new PoolingLog());
  const requests = chunks.map((chunk, row) => ({ state: emptyMemory(), chunk, log: logs[row]! }));
  const taken = await rememberChunks(engine, requests, signal);
  const ended = await endedOf(
    engine,
    taken.map(({ memory, rows }, row) => ({
      memory,
      rows,
      final: engine.isCausal
        ? chunks[row]!.vectors.subarray(-depth)
        : floatsNamed(outputs, 'final').subarray(row * depth, (row + 1) * depth),
    })),
    signal,
  );
  return ended.map((each, row) => ({ ...each, overInputs: sharesOf(engine, logs[row]!, each.memory.count) }));
}

function encodeInputs(engine: SequenceEngine, sequences: readonly Sequence[], longest: number): HostArrays {
  const { source } = engine.config;
  if (source.kind === 'image') {
    const data = concatenate(sequences.map((pixels) => Float32Array.from(pixels)));
    return { pixels: { shape: [sequences.length, source.height, source.width * source.channels], data } };
  }
  const tokens = new Int32Array(sequences.length * longest);
  for (const [row, ids] of sequences.entries()) tokens.set(ids, row * longest);
  const states = Object.entries(engine.encoderStart).map(([name, { shape, data }]) => {
    const rows = new Float32Array(sequences.length * data.length); // zeros, as at every start
    return [name, { shape: [sequences.length, ...shape.slice(1)], data: rows }] as const;
  });
  return {
    tokens: { shape: [sequences.length, longest], data: tokens },
    ...(engine.isCausal
      ? {}
      : { lengths: { shape: [sequences.length], data: Int32Array.from(sequences, ({ length }) => length) } }),
    ...Object.fromEntries(states),
  };
}

/**
 * `count` vectors from number `first` on of what `encode` gave, with their keys and values where the model reads them; a decoder has keys of its
 * own.
 */
export function encodedRows(outputs: HostArrays, first: number, count: number, depth: number): MemoryRows {
  const named = (name: string): Float32Array =>
    floatsNamed(outputs, name).subarray(first * depth, (first + count) * depth);
  const vectors = named('vectors');
  if (outputs['keys'] === undefined) return { vectors, keys: vectors, values: vectors };
  return { vectors, keys: named('keys'), values: named('values') };
}

type ChunkRequest = { readonly state: MemoryState; readonly chunk: MemoryRows; readonly log?: PoolingLog };

/** Memories after their chunks; where CTC writes, also what it makes of each vector. */
export async function rememberChunks(
  { executor, memory: sizes, writer }: SequenceEngine,
  requests: readonly ChunkRequest[],
  signal: AbortSignal | undefined,
): Promise<Pick<Ended, 'memory' | 'rows'>[]> {
  if (writer === 'ctc') {
    const asked = requests.map(({ state, chunk }) => ({ state, chunk }));
    const advanced = await advanceMemories(executor, sizes, asked, signal);
    return advanced.map(({ state, outputs }) => ({ memory: state, rows: floatsNamed(outputs, 'logProbabilities') }));
  }
  const grown = await growMemories(executor, sizes, requests, signal);
  return grown.map((memory) => ({ memory }));
}

/** What the heads read of sequences that ended. */
export async function endedOf(
  engine: SequenceEngine,
  sequences: readonly Pick<Ended, 'memory' | 'final' | 'rows'>[],
  signal: AbortSignal | undefined,
): Promise<Ended[]> {
  signal?.throwIfAborted();
  const { config, executor, memory: sizes } = engine;
  const { decoder } = config.heads;
  const finals = sequences.map(({ final }) => final);
  const starts = decoder === undefined ? undefined : await firstStates(executor, decoder, finals);
  return sequences.map((sequence, row) => {
    const start = starts?.[row];
    // Of an encoder that looks both ways the last state is not the newest vector.
    if (config.memory.kind === 'last')
      return { ...sequence, entries: sequence.final, bias: new Float32Array(1), start };
    const { entries, bias } = heldEntries(sizes, sequence.memory);
    return { ...sequence, entries, bias, start };
  });
}

function sharesOf({ config, memory }: SequenceEngine, log: PoolingLog, count: number): Remembered['overInputs'] {
  // One vector has no places: what it holds is as much of any input as of another.
  if (config.memory.kind === 'last') return ([share = 0]) => new Float32Array(count).fill(share / count);
  return (alignment) => attribute(memory, log, count, alignment);
}

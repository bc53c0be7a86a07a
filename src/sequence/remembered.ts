/** What stands in the memory when a sequence has ended, and which input each of its entries is of. */
import type { HostArrays } from '../tensor/host-array.ts';
import { floatsNamed } from '../cell/rows.ts';
import type { DecoderEntries, DecoderRowState } from '../decoder/decoder-batch.ts';
import { attribute } from '../memory/attribute.ts';
import { PoolingLog } from '../memory/pooling-log.ts';
import { emptyMemory, heldEntries, type MemoryRows } from '../memory/state.ts';
import { beginUpdate, memoryAt, mergePendingNodes } from '../memory/update.ts';
import type { SequenceEngine } from './engine.ts';

/** A sequence that was taken in: what the decoder reads, and how its alignments become shares of inputs. */
export type Remembered = DecoderEntries & {
  /** Shares `[N]` of the inputs of an alignment `[E]`. */
  readonly overInputs: (alignment: Float32Array) => Float32Array;
};

/** Sequences of ids, each of 1 or more, taken in together; result i belongs to sequence i. `signal` is looked at before each cell. */
export async function rememberAll(
  engine: SequenceEngine,
  sequences: readonly Int32Array[],
  signal?: AbortSignal,
): Promise<Remembered[]> {
  signal?.throwIfAborted();
  const { depth } = engine;
  const longest = Math.max(...sequences.map(({ length }) => length));
  const outputs = await engine.executor.run('encode', encodeInputs(engine, sequences, longest));
  const all = floatsNamed(outputs, 'vectors');
  const vectors = sequences.map(({ length }, row) =>
    all.subarray(row * longest * depth, (row * longest + length) * depth),
  );
  const finals = sequences.map((_, row) =>
    engine.isCausal
      ? vectors[row]!.subarray(-depth)
      : floatsNamed(outputs, 'final').subarray(row * depth, (row + 1) * depth),
  );
  const held = await entriesOf(engine, vectors, finals, signal);
  signal?.throwIfAborted();
  const starts = await startsOf(engine, finals);
  return held.map((each, row) => ({ ...each, start: starts?.[row] }));
}

function encodeInputs(engine: SequenceEngine, sequences: readonly Int32Array[], longest: number): HostArrays {
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

/** The decoder's first states; nothing where they are zeros. */
export async function startsOf(
  { decoder, executor, depth }: Pick<SequenceEngine, 'decoder' | 'executor' | 'depth'>,
  finals: readonly Float32Array[],
): Promise<DecoderRowState[] | undefined> {
  if (decoder.firstState === 'zeros') return undefined;
  const data = new Float32Array(finals.length * depth);
  for (const [row, final] of finals.entries()) data.set(final, row * depth);
  const outputs = await executor.run('decodeStart', { final: { shape: [finals.length, depth], data } });
  return finals.map((_, row) =>
    Object.fromEntries(
      Object.keys(outputs).map((name) => {
        const all = floatsNamed(outputs, name);
        const width = all.length / finals.length;
        return [name, all.slice(row * width, (row + 1) * width)];
      }),
    ),
  );
}

async function entriesOf(
  engine: SequenceEngine,
  vectors: readonly Float32Array[],
  finals: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<Remembered[]> {
  const { depth } = engine;
  const { memory } = engine.config;
  switch (memory.kind) {
    case 'last':
      return vectors.map((own, row) => {
        const count = own.length / depth;
        return {
          entries: finals[row]!,
          bias: new Float32Array(1),
          // One vector has no places: what it holds is as much of any input as of another.
          overInputs: ([share = 0]) => new Float32Array(count).fill(share / count),
        };
      });
    case 'window':
    case 'full':
      return vectors.map((own) => {
        const count = own.length / depth;
        const first = memory.kind === 'window' ? Math.max(0, count - memory.window) : 0;
        return {
          entries: own.slice(first * depth),
          bias: new Float32Array(count - first),
          overInputs: (alignment) => {
            const shares = new Float32Array(count);
            shares.set(alignment, first);
            return shares;
          },
        };
      });
    case 'hierarchical': {
      const logs = vectors.map(() => new PoolingLog());
      const updates = vectors.map((own, row) => beginUpdate(memory, emptyMemory(), rowsOf(own), logs[row]));
      await mergePendingNodes(engine.executor, memory, updates, signal);
      return updates.map((update, row) => {
        const { entries, bias } = heldEntries(memory, memoryAt(memory, update, update.after));
        const overInputs = (alignment: Float32Array): Float32Array =>
          attribute(memory, logs[row]!, update.after, alignment);
        return { entries, bias, overInputs };
      });
    }
    default:
      return memory satisfies never;
  }
}

/** Rows of a memory that is read by the decoder alone, which has keys of its own. */
export function rowsOf(vectors: Float32Array): MemoryRows {
  return { vectors, keys: vectors, values: vectors };
}

/** A stream of symbols as a value: what was taken in, and, where outputs come as the input comes, what was written. */
import type { DecoderRowState } from '../decoder/decoder-batch.ts';
import { HearkenError } from '../errors.ts';
import { memoryArrays, memoryFromArrays } from '../memory/snapshot.ts';
import { emptyMemory, type MemoryState } from '../memory/state.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { SequenceEngine } from './engine.ts';

/** Plain data, never changed once made. */
export type SequenceState = {
  /** Symbols taken in since the last flush. */ readonly count: number;
  /** The encoder's `state.*` arrays, each `[1, ...]`. */ readonly encoder: HostArrays;
  /** What is remembered; nothing where the encoder looks both ways, or a decoder writes as the input comes. */
  readonly memory: MemoryState;
  /** The newest vectors `[n, D]` that a decoder which writes as the input comes can still see; else none. */
  readonly vectors: Float32Array;
  /** All that was taken in, of an encoder that looks both ways; else empty. */ readonly ids: Int32Array;
  /** Where outputs come as the input comes. */ readonly written: Written;
};

export type Written = {
  /** Output symbols so far. */ readonly count: number;
  /** The newest of them, counted from 1; 0 at the start, and where CTC wrote nothing at the newest vector. */
  readonly token: number;
  readonly hasEnded: boolean;
  /** What the newest step left; absent before the first. */ readonly state: DecoderRowState | undefined;
  /** The decoder's keys `[keyRows, K]` of the first of the vectors that are held. */ readonly keys: Float32Array;
  readonly keyRows: number;
};

const NONE = new Float32Array(0);

/** The state of a stream that has not begun, or was flushed. */
export function startSequence({ encoderStart }: SequenceEngine): SequenceState {
  return {
    count: 0,
    encoder: encoderStart,
    memory: emptyMemory(),
    vectors: NONE,
    ids: new Int32Array(0),
    written: { count: 0, token: 0, hasEnded: false, state: undefined, keys: NONE, keyRows: 0 },
  };
}

/**
 * Whether a decoder writes as the input comes, and the vectors before a stop that it can see: attention that stops at entries of a causal
 * encoder, over a memory of all of them, knows at a stop all that it will ever know of it. Other decoders write when the stream is flushed.
 */
export function writesOnline({ config, concludes, isCausal }: SequenceEngine): { readonly chunk: number } | undefined {
  const { decoder } = config.heads;
  if (decoder === undefined || concludes || !isCausal || config.memory.kind !== 'full') return undefined;
  const { attention, firstState } = decoder;
  if (firstState !== 'zeros') return undefined;
  if (attention.kind === 'monotonic') return { chunk: 1 };
  if (attention.kind === 'milk') return { chunk: Number.POSITIVE_INFINITY };
  return attention.kind === 'mocha' ? { chunk: attention.chunk } : undefined;
}

const KIND: SnapshotKind = { format: 'hearken-sequence', version: 1 };
const ENCODER = 'encoder.';
const DECODER = 'decoder.';

export function snapshotSequence(engine: SequenceEngine, state: SequenceState): Uint8Array<ArrayBuffer> {
  const { count, written } = state;
  const flat = (data: Float32Array | Int32Array): HostArray => ({ shape: [data.length], data: data.slice() });
  const arrays: Record<string, HostArray> = {
    vectors: flat(state.vectors),
    ids: flat(state.ids),
    keys: flat(written.keys),
    ...memoryArrays(engine.memory, state.memory),
  };
  for (const [name, array] of Object.entries(state.encoder)) arrays[`${ENCODER}${name}`] = array;
  for (const [name, data] of Object.entries(written.state ?? {})) arrays[`${DECODER}${name}`] = flat(data);
  const { token, hasEnded } = written;
  const notes = JSON.stringify({
    count,
    writtenCount: written.count,
    token,
    hasEnded,
    keyRows: written.keyRows,
    hasState: written.state !== undefined,
  });
  return encodeSnapshot(KIND, arrays, { model: engine.fingerprint, notes });
}

type Notes = {
  readonly count: number;
  readonly writtenCount: number;
  readonly token: number;
  readonly hasEnded: boolean;
  readonly keyRows: number;
  readonly hasState: boolean;
};

/** Throws `snapshot/...`, and `snapshot/model` where another model made the bytes. */
export function restoreSequence(engine: SequenceEngine, bytes: Uint8Array): SequenceState {
  const { tensors, metadata } = decodeSnapshot(KIND, bytes);
  if (metadata['model'] !== engine.fingerprint) {
    throw new HearkenError(
      'snapshot/model',
      `Expected a snapshot of ${engine.fingerprint}, got one of ${metadata['model']}`,
    );
  }
  const notes = JSON.parse(metadata['notes'] ?? '{}') as Notes; // as `snapshotSequence` wrote it; the checksum held
  const named = (prefix: string): [string, HostArray][] =>
    Object.entries(tensors).flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array] as [string, HostArray]] : [],
    );
  const floats = (array: HostArray | undefined): Float32Array =>
    array?.data instanceof Float32Array ? array.data : NONE;
  const decoder = Object.fromEntries(named(DECODER).map(([name, array]) => [name, floats(array)]));
  const ids = tensors['ids']?.data;
  return {
    count: notes.count,
    encoder: Object.fromEntries(named(ENCODER)),
    memory: memoryOf(engine, notes.count, tensors),
    vectors: writesOnline(engine) ? floats(tensors['vectors']) : NONE,
    ids: ids instanceof Int32Array ? ids : new Int32Array(0),
    written: {
      count: notes.writtenCount,
      token: notes.token,
      hasEnded: notes.hasEnded,
      state: notes.hasState ? decoder : undefined,
      keys: floats(tensors['keys']),
      keyRows: notes.keyRows,
    },
  };
}

/** The memory in a snapshot; those of before had the vectors alone of a memory without a tree. */
function memoryOf(engine: SequenceEngine, count: number, tensors: HostArrays): MemoryState {
  if (tensors['memory.count'] !== undefined) return memoryFromArrays(engine.memory, tensors);
  const vectors = tensors['vectors']?.data;
  if (!engine.isCausal || writesOnline(engine) || !(vectors instanceof Float32Array)) return emptyMemory();
  return { count, window: { vectors, keys: vectors, values: vectors }, levels: [] };
}

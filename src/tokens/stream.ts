/** Streams of tokens as values: many advance together, each by tokens of its own, and read in the memory of their whole past. */
import { type Executor, zeroStates } from '../cell/executor.ts';
import { arrayNamed, floatsNamed } from '../cell/rows.ts';
import type { ColdStores } from '../cold/cold-types.ts';
import { HearkenError } from '../errors.ts';
import { leafSizes } from '../memory/kept-leaves.ts';
import { type ColdSource, memoryArrays, memoryFromArrays } from '../memory/snapshot.ts';
import { emptyMemory, type MemoryState } from '../memory/state.ts';
import { advanceMemories } from '../memory/streaming.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { TokenStreamConfig } from './config.ts';

/** What all streams of a token model share: configuration, executor and fingerprint. */
export type TokenEngine = {
  readonly config: TokenStreamConfig;
  /** Runs the cells of `answerCells`. */ readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  /** Where the cold stores of streams lie, of a model whose memory has them. */ readonly cold?: ColdStores | undefined;
};

/** A stream as a value of O(log N): plain data, never changed once made. */
export type TokenState = {
  /** The encoder's `state.*` arrays, each `[1, ...]`; absent before the first token, where they are zeros. */
  readonly encoder: HostArrays | undefined;
  readonly memory: MemoryState;
};

/** The model's outputs for a piece of a stream of tokens. */
export type TokenEncoding = {
  /** Index in the stream, from 0, of the first token. */ readonly first: number;
  /** Encoded tokens `[n, D]`, which the memory keeps. */ readonly vectors: Float32Array;
  /** Outputs of the memory's read `[n, D]`: what each token read in the whole past. */ readonly readouts: Float32Array;
  /** @deprecated The former name of `readouts`: the same array. */ readonly contexts: Float32Array;
  /** Log-probabilities `[n, labels]` of the answer, were the stream to end with that token. */
  readonly logProbabilities: Float32Array;
};

/**
 * The next state and the encoding of a stream, or the error that kept its tokens from being taken; then its state is
 * the one before.
 */
type TokenOutcome = { readonly state: TokenState; readonly encoding: TokenEncoding } | { readonly error: unknown };

type EncodedTokens = { readonly index: number; readonly outputs: HostArrays };

/** The state of a stream that has not begun. Where the memory has a cold store, it has one of its own, which is to be closed. */
export function startTokens({ config: { memory }, cold }: Pick<TokenEngine, 'config' | 'cold'>): TokenState {
  const store = memory.cold === undefined ? undefined : cold?.create(leafSizes(memory, memory.cold));
  return { encoder: undefined, memory: emptyMemory(store) };
}

/**
 * Gives each stream its tokens, at least one; state, tokens and outcome i belong together. What is wrong with one stream is told in its
 * outcome: `token/unknown` on an id that the model does not have. Rejects where the executor fails for all, or with the reason of
 * `signal`.
 */
export async function advanceTokens(
  { config, executor }: TokenEngine,
  states: readonly TokenState[],
  chunks: readonly Int32Array[],
  signal?: AbortSignal,
): Promise<TokenOutcome[]> {
  const outcomes: TokenOutcome[] = [];
  const encoded: EncodedTokens[] = [];
  const start = zeroStates(await executor.inputs('encode'), { B: 1 });
  for (const [index, { encoder = start, memory }] of states.entries()) {
    const data = chunks[index]!; // one for each state
    try {
      assertTokens(config, data, memory.count);
    } catch (error) {
      outcomes[index] = { error };
      continue;
    }
    signal?.throwIfAborted();
    const tokens = { shape: [1, data.length], data };
    encoded.push({ index, outputs: await executor.run('encode', { tokens, ...encoder }) });
  }
  const requests = encoded.map(({ index, outputs }) => {
    const named = (name: string): Float32Array => floatsNamed(outputs, name);
    const chunk = { vectors: named('vectors'), keys: named('keys'), values: named('values') };
    return { state: states[index]!.memory, chunk }; // it was encoded
  });
  const advanced = await advanceMemories(executor, config.memory, requests, signal);
  for (const [position, { index, outputs }] of encoded.entries()) {
    const { state, outputs: read } = advanced[position]!; // one for each request
    const readouts = floatsNamed(read, 'outputs');
    outcomes[index] = {
      state: {
        encoder: Object.fromEntries(Object.keys(start).map((name) => [name, arrayNamed(outputs, name)])),
        memory: state,
      },
      encoding: {
        first: states[index]!.memory.count,
        vectors: floatsNamed(outputs, 'vectors'),
        readouts,
        contexts: readouts,
        logProbabilities: floatsNamed(read, 'logProbabilities'),
      },
    };
  }
  return outcomes;
}

function assertTokens({ alphabetSize }: TokenStreamConfig, tokens: Int32Array, first: number): void {
  const wrong = tokens.findIndex((token) => token < 0 || token >= alphabetSize);
  if (wrong < 0) return;
  const expected = `Expected tokens in 0..${alphabetSize - 1}`;
  throw new HearkenError('token/unknown', `${expected}, got ${tokens[wrong]} as token ${first + wrong} of the stream`);
}

/* A stream of tokens as bytes, bounded as its state is. */

const KIND: SnapshotKind = { format: 'hearken-tokens', version: 1 };
/** What the encoder's states begin with in cells, and do not in snapshots. */
const STATE = 'state.';
const MEMORY = 'memory.';

/** The bytes of `state`, with `notes` that its owner wants back. */
export function snapshotTokens(
  { config, fingerprint }: TokenEngine,
  { encoder = {}, memory }: TokenState,
  notes: string,
): Uint8Array<ArrayBuffer> {
  const own = Object.entries(encoder).map(([name, array]) => [name.slice(STATE.length), array] as const);
  const arrays: HostArrays = { ...Object.fromEntries(own), ...memoryArrays(config.memory, memory) };
  return encodeSnapshot(KIND, arrays, { model: fingerprint, notes });
}

/**
 * The state and notes that `snapshotTokens` was given. Throws `snapshot/...`, `snapshot/model` where another model made the bytes, and
 * `snapshot/cold-store` where the leaves of the stream are not here, unless it is to go on `withoutLeaves`; `leaves/...` where they cannot be had.
 */
export function restoreTokens(
  { config, fingerprint, cold: stores }: TokenEngine,
  bytes: Uint8Array,
  goingOn: Omit<ColdSource, 'stores'> = {},
): { readonly state: TokenState; readonly notes: string } {
  const { tensors, metadata } = decodeSnapshot(KIND, bytes);
  if (metadata['model'] !== fingerprint) {
    throw new HearkenError('snapshot/model', `Expected a snapshot of ${fingerprint}, got one of ${metadata['model']}`);
  }
  // Their shapes are held against the cell's when it runs.
  const own = Object.entries(tensors).filter(([name]) => !name.startsWith(MEMORY));
  const encoder = own.length === 0 ? undefined : Object.fromEntries(own.map(([name, array]) => [STATE + name, array]));
  const memory = memoryFromArrays(config.memory, tensors, stores && { stores, ...goingOn });
  return { state: { encoder, memory }, notes: metadata['notes'] ?? '' };
}

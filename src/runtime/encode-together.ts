/**
 * Encoding of many streams at once. Streams with unlike numbers of vectors share calls as far as all of them reach: with
 * 3, 5 and 5 vectors there is one call of 3 rows and 3 vectors, then one of 2 rows and 2 vectors. So nothing is padded,
 * no state passes through vectors that are not its own, and the steps in sequence are those of the longest stream.
 */
import type { HostArrays } from '../tensor/host-array.ts';
import type { Executor } from './executor.ts';
import { arrayNamed, floatsNamed, rowOf, stackRows } from './rows.ts';

export type EncodeRequest = {
  /** The cell's `state.*` arrays of one stream, `[1, ...]`. */ readonly states: HostArrays;
  /** `[n, F]`: the stacked frames of n vectors, n may be 0. */ readonly frames: Float32Array;
};

export type Encoded = {
  /** The states after the last vector, `[1, ...]`. */ readonly states: HostArrays;
  /** `[n, D]` */ readonly vectors: Float32Array;
  /** `[n, D]`: the memory read's keys of the vectors. */ readonly keys: Float32Array;
  /** `[n, D]`: the memory read's values of the vectors. */ readonly values: Float32Array;
};

export type EncodeSizes = {
  /** F: numbers in one vector's stacked frames. */ readonly frameDepth: number;
  /** D */ readonly depth: number;
};

type Progress = EncodeRequest & { readonly count: number; encoded: Encoded };

/** Runs cell `encode` for all `requests`; result i belongs to request i. `signal` is looked at before each call. */
export async function encodeTogether(
  executor: Executor,
  sizes: EncodeSizes,
  requests: readonly EncodeRequest[],
  signal?: AbortSignal,
): Promise<Encoded[]> {
  const streams = requests.map((request): Progress => {
    const count = request.frames.length / sizes.frameDepth;
    const room = () => new Float32Array(count * sizes.depth);
    return { ...request, count, encoded: { states: request.states, vectors: room(), keys: room(), values: room() } };
  });
  let done = 0;
  for (const reach of new Set(streams.map(({ count }) => count).toSorted((a, b) => a - b))) {
    if (reach === 0) continue;
    signal?.throwIfAborted();
    const active = streams.filter(({ count }) => count >= reach);
    await encodeRange(executor, sizes, active, done, reach);
    done = reach;
  }
  return streams.map(({ encoded }) => encoded);
}

/** Encodes vectors `start` to `end` of every stream in `active`. */
async function encodeRange(
  executor: Executor,
  { frameDepth, depth }: EncodeSizes,
  active: readonly Progress[],
  start: number,
  end: number,
): Promise<void> {
  const length = end - start;
  const frames = active.map((stream) => ({
    shape: [1, length, frameDepth],
    data: stream.frames.subarray(start * frameDepth, end * frameDepth),
  }));
  const stateNames = Object.keys(active[0]?.encoded.states ?? {});
  const stateRows = stateNames.map((name) => [
    name,
    stackRows(active.map(({ encoded }) => arrayNamed(encoded.states, name))),
  ]);
  const outputs = await executor.run('encode', { frames: stackRows(frames), ...Object.fromEntries(stateRows) });
  for (const [row, stream] of active.entries()) {
    for (const name of ['vectors', 'keys', 'values'] as const) {
      const size = length * depth;
      stream.encoded[name].set(floatsNamed(outputs, name).subarray(row * size, (row + 1) * size), start * depth);
    }
    const states = stateNames.map((name) => [name, rowOf(arrayNamed(outputs, name), row)] as const);
    stream.encoded = { ...stream.encoded, states: Object.fromEntries(states) };
  }
}

/** The associative channel of streams: each chunk is written into its stream's sums, and every vector recalls from them. */
import type { Executor } from '../cell/executor.ts';
import { floatsNamed } from '../cell/rows.ts';
import { channelOf, featureCount } from './associative-sizes.ts';
import type { MemoryConfig } from './config.ts';
import type { MemoryRows, MemoryState, MemorySums } from './state.ts';

/** Vectors of one stream that one call takes: what each recalls of those before it grows with their square. */
const VECTORS_PER_CALL = 64;

type ChannelRequest = { readonly state: MemoryState; readonly chunk: MemoryRows };

type Associated = {
  /** `[n, D]`: what each vector of the chunk recalls. */ readonly recalled: Float32Array;
  /** After the chunk; absent where nothing was heard yet. */ readonly sums: MemorySums | undefined;
};

/** Result i belongs to request i; undefined where the memory has no such channel. `signal` is looked at before each cell. */
export async function associateVectors(
  executor: Executor,
  config: MemoryConfig,
  requests: readonly ChannelRequest[],
  signal?: AbortSignal,
): Promise<Associated[] | undefined> {
  const channel = channelOf(config);
  if (channel === undefined) return undefined;
  const features = featureCount(channel);
  const { depth } = config;
  const associated: Associated[] = [];
  for (const { state, chunk } of requests) {
    const count = chunk.vectors.length / depth;
    const recalled = new Float32Array(chunk.vectors.length);
    let { sums } = state;
    for (let first = 0; first < count; first += VECTORS_PER_CALL) {
      signal?.throwIfAborted();
      const end = Math.min(count, first + VECTORS_PER_CALL);
      sums ??= { sums: new Float32Array(features * depth), gram: new Float32Array(features * features) };
      const outputs = await executor.run('associate', {
        vectors: { shape: [1, end - first, depth], data: chunk.vectors.slice(first * depth, end * depth) },
        'state.sums': { shape: [1, features, depth], data: sums.sums },
        'state.gram': { shape: [1, features, features], data: sums.gram },
      });
      recalled.set(floatsNamed(outputs, 'recalled'), first * depth);
      sums = { sums: floatsNamed(outputs, 'state.sums'), gram: floatsNamed(outputs, 'state.gram') };
    }
    associated.push({ recalled, sums });
  }
  return associated;
}

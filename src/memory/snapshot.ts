import { HearkenError } from '../errors.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { channelOf, featureCount } from './associative-sizes.ts';
import type { MemoryConfig } from './config.ts';
import { slotsOf } from './state.ts';
import { liveNodes } from './schedule.ts';
import type { MemoryRows, MemoryState } from './state.ts';

const ROW_NAMES = ['vectors', 'keys', 'values'] as const;
const LOW_BITS = 2 ** 31;

/** The state as named arrays `memory.*`, to be stored with the rest of a stream. */
export function memoryArrays(config: MemoryConfig, state: MemoryState): Record<string, HostArray> {
  const { depth } = config;
  const count = new Int32Array([Math.floor(state.count / LOW_BITS), state.count % LOW_BITS]);
  const arrays: Record<string, HostArray> = { 'memory.count': { shape: [2], data: count } };
  for (const [level, { start, end }] of liveNodes(config, state.count).entries()) {
    const rows = (end - start) * slotsOf(config, level);
    const parts = level === 0 ? [state.window] : (state.levels[level - 1] ?? []);
    for (const name of ROW_NAMES) {
      const data = new Float32Array(rows * depth);
      for (const [index, part] of parts.entries()) data.set(part[name], index * part[name].length);
      arrays[`memory.level.${level}.${name}`] = { shape: [rows, depth], data };
    }
  }
  const channel = channelOf(config);
  if (channel === undefined || state.sums === undefined) return arrays;
  const features = featureCount(channel);
  arrays['memory.associative.sums'] = { shape: [features, depth], data: state.sums.sums };
  arrays['memory.associative.gram'] = { shape: [features, features], data: state.sums.gram };
  return arrays;
}

/** The state in the arrays `memory.*` of `arrays`. Throws `snapshot/tensor`, naming what is missing or does not fit. */
export function memoryFromArrays(config: MemoryConfig, arrays: HostArrays): MemoryState {
  const [high = 0, low = 0] = namedArray(arrays, 'memory.count', [2], Int32Array);
  const count = high * LOW_BITS + low;
  if (high < 0 || low < 0 || !Number.isSafeInteger(count)) {
    throw new HearkenError('snapshot/tensor', `Expected \`memory.count\` to be a count, got ${high}, ${low}`);
  }
  const none = new Float32Array(0);
  const [window = { vectors: none, keys: none, values: none }, ...levels] = liveNodes(config, count).map(
    ({ start, end }, level): MemoryRows => {
      const shape = [(end - start) * slotsOf(config, level), config.depth];
      const rows = (name: string) => namedArray(arrays, `memory.level.${level}.${name}`, shape, Float32Array);
      return { vectors: rows('vectors'), keys: rows('keys'), values: rows('values') };
    },
  );
  const state = { count, window, levels: levels.map((rows) => splitNodes(config, rows)) };
  const channel = channelOf(config);
  if (channel === undefined || count === 0) return state;
  const features = featureCount(channel);
  const sums = namedArray(arrays, 'memory.associative.sums', [features, config.depth], Float32Array);
  const gram = namedArray(arrays, 'memory.associative.gram', [features, features], Float32Array);
  return { ...state, sums: { sums, gram } };
}

/** Single nodes: each its own arrays, so that it can be let go alone. */
function splitNodes({ slots, depth }: MemoryConfig, { vectors, keys, values }: MemoryRows): MemoryRows[] {
  const size = slots * depth;
  return Array.from({ length: vectors.length / size }, (_, index) => {
    const node = (rows: Float32Array): Float32Array => rows.slice(index * size, (index + 1) * size);
    return { vectors: node(vectors), keys: node(keys), values: node(values) };
  });
}

function namedArray<T extends Float32Array | Int32Array>(
  arrays: HostArrays,
  name: string,
  shape: readonly number[],
  type: abstract new (...args: never[]) => T,
): T {
  const array = arrays[name];
  const fits = array?.shape.length === shape.length && shape.every((size, axis) => array.shape[axis] === size);
  if (array === undefined || !fits || !(array.data instanceof type)) {
    const got = array === undefined ? 'none' : `${array.data.constructor.name} [${array.shape.join(', ')}]`;
    throw new HearkenError('snapshot/tensor', `Expected \`${name}\` of shape [${shape.join(', ')}], got ${got}`);
  }
  return array.data;
}

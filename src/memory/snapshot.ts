import { HearkenError } from '../errors.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import type { ColdStore, ColdStores } from '../cold/cold-types.ts';
import { channelOf, featureCount } from './associative-sizes.ts';
import type { MemoryConfig } from './config.ts';
import { leafSizes } from './kept-leaves.ts';
import { slotsOf } from './state.ts';
import { liveNodes } from './schedule.ts';
import type { MemoryRows, MemoryState } from './state.ts';

const ROW_NAMES = ['vectors', 'keys', 'values'] as const;
const LOW_BITS = 2 ** 31;

/** The state as named arrays `memory.*`, to be stored with the rest of a stream. */
export function memoryArrays(config: MemoryConfig, state: MemoryState): Record<string, HostArray> {
  const { depth } = config;
  const count = new Int32Array(halves(state.count));
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
  if (state.cold !== undefined) {
    const { store, revision, count: leaves } = state.cold;
    const data = new Int32Array([...wordsOf(store.id), revision, ...halves(leaves), ...halves(store.base)]);
    arrays[COLD] = { shape: [data.length], data };
  }
  const channel = channelOf(config);
  if (channel === undefined || state.sums === undefined) return arrays;
  const features = featureCount(channel);
  arrays['memory.associative.sums'] = { shape: [features, depth], data: state.sums.sums };
  arrays['memory.associative.gram'] = { shape: [features, features], data: state.sums.gram };
  return arrays;
}

/** Where the cold store is that a stream goes on with. */
export type ColdSource = {
  readonly stores: ColdStores;
  /** Goes on with an empty store, whatever leaves the stream had. */ readonly withoutLeaves?: boolean | undefined;
  /** Is told how many leaves that came after the snapshot are let go of, if any. */
  readonly onLeavesDropped?: ((count: number) => void) | undefined;
};

/**
 * The state in the arrays `memory.*` of `arrays`. Throws `snapshot/tensor`, naming what is missing or does not fit; and `snapshot/cold-store`
 * where the memory has a cold store that `cold` does not have, or not as the stream left it; `leaves/...` where it cannot be had.
 */
export function memoryFromArrays(config: MemoryConfig, arrays: HostArrays, cold?: ColdSource): MemoryState {
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
  const tree = { count, window, levels: levels.map((rows) => splitNodes(config, rows)) };
  const store = storeOf(config, arrays, cold);
  const state = store === undefined ? tree : { ...tree, cold: { store, ...store.mark() } };
  const channel = channelOf(config);
  if (channel === undefined || count === 0) return state;
  const features = featureCount(channel);
  const sums = namedArray(arrays, 'memory.associative.sums', [features, config.depth], Float32Array);
  const gram = namedArray(arrays, 'memory.associative.gram', [features, features], Float32Array);
  return { ...state, sums: { sums, gram } };
}

const COLD = 'memory.cold';
const ID_WORDS = 4;

/** The store that a stream goes on with: the one that the snapshot names, or an empty one that begins where that ended. */
function storeOf(config: MemoryConfig, arrays: HostArrays, source: ColdSource | undefined): ColdStore | undefined {
  if (config.cold === undefined) return undefined;
  const data = namedArray(arrays, COLD, [ID_WORDS + 5], Int32Array);
  const [revision = 0, high = 0, low = 0, baseHigh = 0, baseLow = 0] = data.subarray(ID_WORDS);
  const count = high * LOW_BITS + low;
  const name = { id: idOf(data.subarray(0, ID_WORDS)), revision, count, base: baseHigh * LOW_BITS + baseLow };
  if (source === undefined) {
    throw new HearkenError('snapshot/cold-store', `Expected a place of cold stores for ${name.id}, got none`);
  }
  const sizes = leafSizes(config, config.cold);
  if (source.withoutLeaves === true) return source.stores.create(sizes, count);
  return source.stores.find(name, sizes, source.onLeavesDropped);
}

/** A count as two int32. */
function halves(count: number): [number, number] {
  return [Math.floor(count / LOW_BITS), count % LOW_BITS];
}

/** A UUID as four int32. */
function wordsOf(id: string): number[] {
  const digits = id.replaceAll('-', '');
  return Array.from({ length: ID_WORDS }, (_, word) => Number.parseInt(digits.slice(8 * word, 8 * word + 8), 16) | 0);
}

function idOf(words: Int32Array): string {
  const digits = Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return [0, 8, 12, 16, 20].map((start, part, starts) => digits.slice(start, starts[part + 1])).join('-');
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

/** The models of the memory benchmark as steps: a step takes in the next vectors of every stream and reads at each of them. */
import type { Executor } from '../../src/cell/executor.ts';
import { arrayNamed } from '../../src/cell/rows.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { liveNodes } from '../../src/memory/schedule.ts';
import { memoryArrays } from '../../src/memory/snapshot.ts';
import { MASKED, type MemoryRows, type MemoryState, slotsOf } from '../../src/memory/state.ts';
import { advanceMemories } from '../../src/memory/streaming.ts';
import type { HostArray } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { HIERARCHICAL, type MeasureRequest, type MemoryRow, WINDOW_ONLY } from './sizes.ts';

const { depth: DEPTH } = HIERARCHICAL;
/** Rows of random numbers from which vectors come, in turns. */
const RANDOM_ROWS = 4_096;

export type Stepper = Pick<MemoryRow, 'stateBytes' | 'roots' | 'pathLength'> & {
  /** Makes what steps of `queries` vectors a stream need; gives the step. */
  readonly prepare: (queries: number) => () => Promise<unknown>;
};

/** The model that is asked for, with a past of about N vectors in every stream. */
export function stepperOf(request: MeasureRequest, executor: Executor): Stepper {
  switch (request.model) {
    case 'hierarchical':
      return streamed(request, executor, HIERARCHICAL);
    case 'window':
      return streamed(request, executor, WINDOW_ONLY);
    case 'full':
      return fullAttention(request, executor);
    case 'gru':
      return gru(request, executor);
    case 'project':
      return projection(request, executor);
    default:
      return request.model satisfies never;
  }
}

/**
 * The product's streaming form. Each stream walks from 0.9 N to 1.1 N vectors and begins again, at another place than its neighbors; it starts
 * from a state whose live nodes are those of its count, filled with random rows.
 */
function streamed({ n, streams }: MeasureRequest, executor: Executor, config: MemoryConfig): Stepper {
  const [low, high] = [Math.round(0.9 * n), Math.round(1.1 * n)];
  const random = Random.seeded(2);
  const first = randomState(config, low, random);
  const source = randomRows(RANDOM_ROWS, random);
  const states = Array.from({ length: streams }, (_, stream) =>
    randomState(config, low + Math.floor(((high - low) * stream) / streams), random),
  );
  let place = 0;
  const nextChunk = (queries: number): MemoryRows => {
    place = place + queries > RANDOM_ROWS ? 0 : place;
    const [start, end] = [place * DEPTH, (place + queries) * DEPTH];
    place += queries;
    return {
      vectors: source.vectors.subarray(start, end),
      keys: source.keys.subarray(start, end),
      values: source.values.subarray(start, end),
    };
  };
  const middle = randomState(config, n, random);
  return {
    stateBytes: bytesOf(config, middle),
    roots: middle.levels.flat().length,
    pathLength: 1 + middle.levels.length, // the oldest vector is in the highest root: a merge a level, and the read
    prepare: (queries) => async () => {
      const requests = states.map((state) => ({ state, chunk: nextChunk(queries) }));
      const advanced = await advanceMemories(executor, config, requests);
      for (const [stream, { state }] of advanced.entries()) {
        states[stream] = state.count + queries > high ? first : state;
      }
    },
  };
}

/** A state after `count` vectors: its live nodes, each of random rows. */
function randomState(config: MemoryConfig, count: number, random: Random): MemoryState {
  const [window = { start: 0, end: 0 }, ...levels] = liveNodes(config, count);
  return {
    count,
    window: randomRows(window.end - window.start, random),
    levels: levels.map(({ start, end }, index) =>
      Array.from({ length: end - start }, () => randomRows(slotsOf(config, index + 1), random)),
    ),
  };
}

function randomRows(rows: number, random: Random): MemoryRows {
  const drawn = (): Float32Array => normalArray(random, [rows, DEPTH], 1).data as Float32Array; // it draws no integers
  return { vectors: drawn(), keys: drawn(), values: drawn() };
}

/** Bytes of the arrays that a snapshot keeps. */
export function bytesOf(config: MemoryConfig, state: MemoryState): number {
  return Object.values(memoryArrays(config, state)).reduce((sum, { data }) => sum + data.byteLength, 0);
}

/**
 * The same read over keys and values of N vectors in one array that is there from the start: a step writes its own rows over the oldest, and
 * hides from each of its queries those that come after it. Nothing else is copied outside the cell.
 */
function fullAttention({ n, streams }: MeasureRequest, executor: Executor): Stepper {
  const random = Random.seeded(2);
  const cache = (): Float32Array => repeatedRows(streams * n, random);
  const [keys, values] = [cache(), cache()];
  const source = randomRows(RANDOM_ROWS, random);
  return {
    stateBytes: 2 * n * DEPTH * Float32Array.BYTES_PER_ELEMENT,
    roots: 0,
    pathLength: 1,
    prepare: (queries) => {
      const bias = new Float32Array(streams * queries * n);
      const queryRows = new Float32Array(streams * queries * DEPTH);
      let next = 0;
      for (let row = 0; row < streams * queries; row++) {
        bias.fill(MASKED, row * n + (row % queries) + 1, row * n + queries); // while they are the newest rows
      }
      return async () => {
        const from = (next * queries * DEPTH) % ((RANDOM_ROWS - queries) * DEPTH);
        for (let stream = 0; stream < streams; stream++) {
          const own = source.vectors.subarray(from, from + queries * DEPTH);
          queryRows.set(own, stream * queries * DEPTH);
          keys.set(source.keys.subarray(from, from + queries * DEPTH), stream * n * DEPTH);
          values.set(source.values.subarray(from, from + queries * DEPTH), stream * n * DEPTH);
        }
        next++;
        await executor.run('read', {
          queries: { shape: [streams, queries, DEPTH], data: queryRows },
          keys: { shape: [streams, n, DEPTH], data: keys },
          values: { shape: [streams, n, DEPTH], data: values },
          bias: { shape: [streams, queries, n], data: bias },
        });
      };
    },
  };
}

/** Many random rows, cheaply: the same few thousand again and again. */
function repeatedRows(rows: number, random: Random): Float32Array {
  const once = normalArray(random, [Math.min(rows, RANDOM_ROWS), DEPTH], 1).data;
  const all = new Float32Array(rows * DEPTH);
  for (let start = 0; start < all.length; start += once.length) {
    all.set(once.subarray(0, Math.min(once.length, all.length - start)), start);
  }
  return all;
}

/** A GRU of equal width over the vectors of all streams, time first. */
function gru({ n, streams }: MeasureRequest, executor: Executor): Stepper {
  const random = Random.seeded(2);
  let hidden: HostArray = { shape: [streams, DEPTH], data: new Float32Array(streams * DEPTH) };
  return {
    stateBytes: DEPTH * Float32Array.BYTES_PER_ELEMENT,
    roots: 0,
    pathLength: n,
    prepare: (queries) => {
      const vectors = normalArray(random, [queries, streams, DEPTH], 1);
      return async () => {
        const outputs = await executor.run('gru', { vectors, 'state.hidden': hidden });
        hidden = arrayNamed(outputs, 'state.hidden');
      };
    },
  };
}

/** Keys and values of the vectors of all streams. */
function projection({ streams }: MeasureRequest, executor: Executor): Stepper {
  const random = Random.seeded(2);
  return {
    stateBytes: 0,
    roots: 0,
    pathLength: 0,
    prepare: (queries) => {
      const vectors = normalArray(random, [streams, queries, DEPTH], 1);
      return () => executor.run('project', { vectors });
    },
  };
}

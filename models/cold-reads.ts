/** How a question is answered from a long past, by which vectors, and in what time: for evaluations of memories with a cold store. */
import { type Executor, zeroStates } from '../src/cell/executor.ts';
import { floatsNamed } from '../src/cell/rows.ts';
import type { ColdStores } from '../src/cold/cold-types.ts';
import { leafSizes, walkSizes } from '../src/memory/kept-leaves.ts';
import { emptyMemory, type MemoryRows, type MemoryState, type SeenMemoryConfig } from '../src/memory/state.ts';
import { advanceMemories, growMemories } from '../src/memory/streaming.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import type { HostArray, HostArrays } from '../src/tensor/host-array.ts';
import { certifiedSearch } from './certified-search.ts';

/** What reads go by. `executor` runs the model's cells. */
export type ReadEngine = { readonly executor: Executor; readonly memory: SeenMemoryConfig };

/** Times that are encoded at once, and grown by. */
const PIECE = 1_024;

/** Vectors, keys and values of `count` times, of which `pieceOf` gives what cell `encode` takes in. */
export async function encodedRows(
  executor: Executor,
  count: number,
  pieceOf: (start: number, end: number) => Readonly<Record<string, HostArray>>,
): Promise<MemoryRows> {
  let states: HostArrays = zeroStates(await executor.inputs('encode'), { B: 1 });
  const rows: Record<keyof MemoryRows, Float32Array[]> = { vectors: [], keys: [], values: [] };
  for (let start = 0; start < count; start += PIECE) {
    const outputs = await executor.run('encode', { ...pieceOf(start, Math.min(count, start + PIECE)), ...states });
    for (const [name, pieces] of Object.entries(rows)) pieces.push(floatsNamed(outputs, name).slice());
    states = Object.fromEntries(Object.keys(states).map((name) => [name, outputs[name]!])); // the cell gives each
  }
  return { vectors: concatenate(rows.vectors), keys: concatenate(rows.keys), values: concatenate(rows.values) };
}

export type PlaceRead = {
  /** Of each label. */ readonly scores: Float32Array;
  /** Microseconds. */ readonly us: number;
  /** Vectors beyond window and summaries that were attended to. */ readonly leaves: number;
  /** Keys of nodes and leaves that a walk compared; 0 where there is none. */ readonly walked: number;
};

export type PlaceReader = {
  /** Reads at a place behind those before. */ readonly read: (place: number) => Promise<PlaceRead>;
  readonly end: () => void;
};

/** Reads in a memory, which has grown up to the place that reads; its leaves are searched as its store does, or by bounds where it `certifies`. */
export function memoryReader(
  { executor, memory }: ReadEngine,
  stores: ColdStores,
  rows: MemoryRows,
  certifies = false,
): PlaceReader {
  const { depth, cold } = memory;
  const plain = cold === undefined ? undefined : stores.create(leafSizes(memory, cold));
  const certified = certifies && plain !== undefined ? certifiedSearch(plain, memory) : undefined;
  const store = certified?.store ?? plain;
  let state: MemoryState = emptyMemory(store);
  const chunk = (start: number, end: number): MemoryRows => ({
    vectors: rows.vectors.subarray(start * depth, end * depth),
    keys: rows.keys.subarray(start * depth, end * depth),
    values: rows.values.subarray(start * depth, end * depth),
  });
  return {
    read: async (place) => {
      while (state.count < place) {
        const end = Math.min(place, state.count + PIECE);
        [state = state] = await growMemories(executor, memory, [{ state, chunk: chunk(state.count, end) }]);
      }
      const started = performance.now();
      const [advance] = await advanceMemories(executor, memory, [{ state, chunk: chunk(place, place + 1) }]);
      const us = 1_000 * (performance.now() - started);
      ({ state } = advance!); // one for the one
      const kept = store === undefined ? 0 : store.mark().count - store.first();
      const walk = cold?.descent === undefined ? undefined : walkSizes(memory, state.count);
      return {
        scores: floatsNamed(advance!.outputs, 'logProbabilities'),
        us,
        leaves: Math.min(kept, cold?.nearest ?? 0, walk?.leaves ?? Infinity),
        walked: walk === undefined ? (certified?.visited() ?? 0) : memory.slots * walk.nodes + walk.leaves,
      };
    },
    end: () => store?.close(),
  };
}

/** Reads all vectors up to the place that reads, from arrays that are there before. */
export function fullReader({ executor, memory }: ReadEngine, { vectors, keys, values }: MemoryRows): PlaceReader {
  const { depth } = memory;
  return {
    read: async (place) => {
      const count = place + 1;
      const all = (data: Float32Array) => ({ shape: [1, count, depth], data: data.subarray(0, count * depth) });
      const inputs: HostArrays = {
        queries: { shape: [1, 1, depth], data: vectors.slice(place * depth, count * depth) },
        keys: all(keys),
        values: all(values),
        bias: { shape: [1, 1, count], data: new Float32Array(count) },
      };
      const started = performance.now();
      const outputs = await executor.run('read', inputs);
      const us = 1_000 * (performance.now() - started);
      const scores = floatsNamed(outputs, 'logProbabilities');
      return { scores, us, leaves: Math.max(0, count - memory.window), walked: 0 };
    },
    end: () => undefined,
  };
}

export type Asked = Omit<PlaceRead, 'scores'> & { readonly isRight: boolean };

/** What `reader` says at the places that have a label, -1 at all others. */
export async function askedOf(reader: PlaceReader, labels: readonly number[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const [place, label] of labels.entries()) {
    if (label < 0) continue;
    const { scores, ...cost } = await reader.read(place);
    const likeliest = scores.reduce((best, score, each) => (score > scores[best]! ? each : best), 0);
    asked.push({ ...cost, isRight: likeliest === label });
  }
  reader.end();
  return asked;
}

export type ReadFigures = {
  /** Share of the questions that were answered right. */ readonly accuracy: number;
  /** Questions. */ readonly trials: number;
  /** Vectors beyond window and summaries that a question attended to, in the mean. */ readonly leavesRead: number;
  /** Keys of nodes and leaves that a walk compared with a question, in the mean; of walks. */ readonly keysWalked?: number;
  /** Median time of the read of one question, what finds leaves included, in microseconds. */ readonly readUs: number;
};

export function figuresOf(asked: readonly Asked[]): ReadFigures {
  const trials = asked.length;
  const times = asked.map(({ us }) => us).toSorted((a, b) => a - b);
  const mean = (of: (each: Asked) => number): number =>
    Math.round(asked.reduce((sum, each) => sum + of(each), 0) / trials);
  const keysWalked = mean(({ walked }) => walked);
  return {
    accuracy: asked.filter(({ isRight }) => isRight).length / trials,
    trials,
    leavesRead: mean(({ leaves }) => leaves),
    ...(keysWalked === 0 ? {} : { keysWalked }),
    readUs: Math.round(times[Math.floor(trials / 2)] ?? 0),
  };
}

/**
 * The path between a vector of the past and an output, measured by changing that vector (`path/influence.ts`), beside log_k N and the
 * steps of a recurrent network. Random weights and vectors: the path does not depend on them. About a minute.
 */
import { loadBackend } from '../src/backend/backends.ts';
import { createOnnxExecutor } from '../src/cell/onnx-executor.ts';
import type { MemoryConfig } from '../src/memory/config.ts';
import { normalArray, Random } from '../src/tensor/random.ts';
import { memoryGraphs } from './memory/cells.ts';
import { type Influence, measureInfluence } from './path/influence.ts';

const DISTANCES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
/** Vectors of the streams, the one that reads with them. */
const LENGTH = 1_050_000;

const SMALL = { depth: 8, heads: 2, tokenCountBias: true };
const SETTINGS: readonly MemoryConfig[] = [
  { ...SMALL, window: 32, leafFanIn: 8, fanIn: 8, slots: 4 },
  { ...SMALL, window: 32, leafFanIn: 16, fanIn: 4, slots: 4 },
  { ...SMALL, window: 100, leafFanIn: 100, fanIn: 100, slots: 1 },
];

type Row = Influence & {
  readonly window: number;
  readonly leafFanIn: number;
  readonly fanIn: number;
  /** log_k N of a past of N = `distance` vectors. */ readonly logN: number;
  /** Steps of a recurrent network over the same distance. */ readonly recurrent: number;
};

export default async function benchPath(): Promise<{ rows: Row[]; notes: string[] }> {
  await loadBackend('cpu'); // cells are exported by way of tfjs
  const rows: Row[] = [];
  for (const config of SETTINGS) {
    const { window, leafFanIn, fanIn } = config;
    await using executor = await createOnnxExecutor(await memoryGraphs(config));
    const options = { executor, config, vectorsAt: randomVectors(config), length: LENGTH, distances: DISTANCES };
    const measured = (await measureInfluence(options)).toSorted((a, b) => a.distance - b.distance);
    for (const influence of measured) {
      const { distance } = influence;
      rows.push({
        window,
        leafFanIn,
        fanIn,
        ...influence,
        logN: Math.log(distance) / Math.log(fanIn),
        recurrent: distance,
      });
    }
  }
  return {
    rows,
    notes: [
      `One vector of ${LENGTH.toLocaleString('en')} changed, at each distance before the last one; all nodes of both streams compared, number by number.`,
      'modules: summaries that are not the same, and the read. In full attention it is 1 at every distance, and all vectors are kept.',
    ],
  };
}

/** Vectors of a stream without an end: random ones, which come again after 65,521. */
function randomVectors({ depth }: MemoryConfig): (start: number, end: number) => Float32Array {
  const period = 65_521;
  const { data } = normalArray(Random.seeded(3), [period, depth], 1);
  return (start, end) => {
    const vectors = new Float32Array((end - start) * depth);
    for (let index = start; index < end; index++) {
      const from = (index % period) * depth;
      vectors.set(data.subarray(from, from + depth), (index - start) * depth);
    }
    return vectors;
  };
}

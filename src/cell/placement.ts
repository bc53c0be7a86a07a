/**
 * Which operators of a graph a device computes and which fall back to the processor, as onnxruntime's own profile of one run
 * says: how a graph is split is settled when it is loaded, and differs between devices and versions.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Random } from '../tensor/random.ts';
import { drawInputs } from './draw-inputs.ts';
import type { CellGraphs } from './graph-executor.ts';
import { graphsOf } from './graph-files.ts';
import type { OnnxDevice } from './onnx-device.ts';
import { openGraph, runGraph } from './onnx-graph.ts';

/** Operators of one kind that the processor computes, though the graph was given to a device. */
export type HostOperator = {
  /** Name of the operator in ONNX, for example `Concat`. */ readonly operator: string;
  readonly count: number;
  /** Bytes that they gave together. */ readonly bytes: number;
  /** Whether they compute with more than sizes of axes and single positions, so that the device waits for data of theirs. */
  readonly isFallback: boolean;
};

/** What an operator gives at the most where it computes sizes of axes or single positions: four integers. */
const SIZES_BYTES = 32;

export type Placement = {
  readonly cell: string;
  /** Operators that the device computes. */ readonly onDevice: number;
  /** Operators that fell back to the processor, the most bytes first. */ readonly onHost: readonly HostOperator[];
  /** Copies between device and processor inside of the graph, beside those of its inputs and outputs. */
  readonly copies: number;
};

/** Sizes of the letters that axes of cells have: no two alike, so that no axis is taken for another. */
const SIZES: Readonly<Record<string, number>> = { B: 2, T: 3, Q: 4, E: 9 };

/** An event of onnxruntime's profile, as far as it is read here. */
type ProfileEvent = {
  readonly cat: string;
  readonly args: { readonly provider?: string; readonly op_name?: string; readonly output_size?: string };
};

/**
 * Where the operators of each cell of `graphs`, files by cell or a folder of them, are computed on `device`. Every cell is run
 * once. Throws as running it does: `executor/device` where the device cannot be had, `executor/graph`, `executor/run`.
 */
export async function placementOf(graphs: string | CellGraphs, device: OnnxDevice): Promise<Placement[]> {
  const placements: Placement[] = [];
  for (const [cell, graph] of await graphsOf(graphs)) {
    placements.push(countPlaces(cell, await profileOf(cell, graph, device)));
  }
  return placements;
}

async function profileOf(cell: string, graph: string | Uint8Array, device: OnnxDevice): Promise<ProfileEvent[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-profile-'));
  try {
    const loaded = await openGraph(cell, graph, device, {
      enableProfiling: true,
      profileFilePrefix: path.join(folder, cell),
    });
    await runGraph(cell, loaded.session, drawInputs(loaded.inputs, SIZES, Random.seeded(1)));
    loaded.session.endProfiling(); // writes the file
    await loaded.session.release();
    const [file = ''] = await readdir(folder);
    return JSON.parse(await readFile(path.join(folder, file), 'utf8')) as ProfileEvent[]; // as onnxruntime writes it
  } finally {
    await rm(folder, { recursive: true });
  }
}

function countPlaces(cell: string, events: readonly ProfileEvent[]): Placement {
  const onHost = new Map<string, Omit<HostOperator, 'isFallback'>>();
  let [onDevice, copies] = [0, 0];
  for (const { cat, args } of events) {
    if (cat !== 'Node') continue;
    const { provider, op_name: operator = '', output_size: bytes = '0' } = args;
    if (operator.startsWith('Memcpy')) copies++;
    else if (provider === 'CPUExecutionProvider') {
      const known = onHost.get(operator) ?? { operator, count: 0, bytes: 0 };
      onHost.set(operator, { operator, count: known.count + 1, bytes: known.bytes + Number(bytes) });
    } else onDevice++;
  }
  const operators = [...onHost.values()].map((each) => ({
    ...each,
    isFallback: each.bytes > SIZES_BYTES * each.count,
  }));
  return { cell, onDevice, onHost: operators.toSorted((a, b) => b.bytes - a.bytes), copies };
}

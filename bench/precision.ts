/**
 * What the graphs of `codes-en` lose in half precision: of each cell the bytes, the largest difference from single precision and the time of a call; and
 * the words wrong of the dev speakers, clean and in white noise, from both. The voices are fetched by `npm run data:speech`.
 *
 * `--device webgpu` to compute on a GPU, which must have `shader-f16`.
 */
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CLEAN, evaluateGrid } from '../corpora/evaluation.ts';
import type { Condition } from '../corpora/evaluation-sets.ts';
import type { ScoredItem } from '../corpora/scores.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { drawInputs } from '../src/cell/draw-inputs.ts';
import type { Executor } from '../src/cell/executor.ts';
import { GRAPHS_FOLDER } from '../src/cell/graph-names.ts';
import type { OnnxDevice } from '../src/cell/onnx-device.ts';
import { graphsOf } from '../src/cell/graph-files.ts';
import { createOnnxExecutor } from '../src/cell/onnx-executor.ts';
import { HearkenError } from '../src/errors.ts';
import { exportModel } from '../src/export/export-model.ts';
import { loadModel } from '../src/index.ts';
import { packageFile } from '../src/package-root.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { Random } from '../src/tensor/random.ts';
import { differenceOf } from './gpu/parity.ts';

export const OPTIONS: readonly string[] = ['device'];

const MODEL = packageFile('models/codes-en');
const PRECISIONS = ['float32', 'float16'] as const;
const CONDITIONS: readonly Condition[] = [CLEAN, { noise: 'white', snr: 10 }];

/** Streams, and vectors, queries and entries of each, of a call. */
const SIZES = { B: 8, T: 12, Q: 12, E: 256 };
const ROUNDS = 20;

type Row = {
  readonly cell: string;
  readonly singleBytes: number;
  readonly halfBytes: number;
  /** The largest difference of an output from single precision, of the largest number in it. */ readonly worst: number;
  /** Milliseconds of a call, the fastest of twenty. */ readonly singleMs: number;
  readonly halfMs: number;
};

type Errors = {
  readonly condition: string;
  /** Words wrong of strings. */ readonly single: number;
  readonly half: number;
  readonly words: number;
  /** Recordings of which other words were heard from the one than from the other. */ readonly heardOtherwise: number;
  readonly recordings: number;
};

export default async function benchPrecision({ device = 'cpu' }: Readonly<Record<string, string>>): Promise<{
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly figures: { readonly device: string; readonly errors: readonly Errors[] };
}> {
  if (device !== 'cpu' && device !== 'webgpu' && device !== 'cuda') {
    throw new Error(`Expected a device among cpu, webgpu, cuda, got ${device}`);
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-precision-'));
  try {
    await loadBackend('cpu');
    const [single, half] = PRECISIONS.map((precision) => path.join(folder, precision)) as [string, string]; // two of two
    for (const [index, copy] of [single, half].entries()) {
      await exportCopy(copy, PRECISIONS[index]!);
    }
    const rows = await compareCells(single, half, device);
    const { errors, notes } = await compareWords(single, half, device);
    return {
      rows,
      figures: { device, errors },
      notes: [
        ...errors.map(sentence),
        ...notes,
        `${SIZES.B} streams, ${SIZES.T} vectors, a memory of ${SIZES.E} entries.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function exportCopy(folder: string, precision: (typeof PRECISIONS)[number]): Promise<void> {
  await mkdir(folder);
  for (const file of ['config.json', 'model.safetensors']) {
    await copyFile(path.join(MODEL, file), path.join(folder, file));
  }
  await exportModel(folder, { precision });
}

async function compareCells(single: string, half: string, device: OnnxDevice): Promise<Row[]> {
  await using inSingle = await createOnnxExecutor(path.join(single, GRAPHS_FOLDER), { device });
  await using inHalf = await createOnnxExecutor(path.join(half, GRAPHS_FOLDER), { device });
  const bytesOf = async (folder: string, cell: string): Promise<number> =>
    (await stat(path.join(folder, GRAPHS_FOLDER, `${cell}.onnx`))).size;
  const random = Random.seeded(1);
  const rows: Row[] = [];
  for (const cell of (await graphsOf(path.join(half, GRAPHS_FOLDER))).keys()) {
    const inputs = drawInputs(await inSingle.inputs(cell), SIZES, random);
    const worst = differenceOf(await inSingle.run(cell, inputs), await inHalf.run(cell, inputs));
    rows.push({
      cell,
      singleBytes: await bytesOf(single, cell),
      halfBytes: await bytesOf(half, cell),
      worst,
      singleMs: await fastestMs(inSingle, cell, inputs),
      halfMs: await fastestMs(inHalf, cell, inputs),
    });
  }
  return rows;
}

async function fastestMs(executor: Executor, cell: string, inputs: HostArrays): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await executor.run(cell, inputs);
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}

/** The words that both hear of the dev speakers; a note says where their voices are missing. */
async function compareWords(
  single: string,
  half: string,
  device: OnnxDevice,
): Promise<{ readonly errors: Errors[]; readonly notes: string[] }> {
  try {
    const [inSingle, inHalf] = [await hear(single, device), await hear(half, device)];
    const perCondition = inSingle.items.length / CONDITIONS.length;
    const errors = inSingle.reports.map(({ noise, snr, connected }, index): Errors => {
      const part = (items: readonly ScoredItem[]): readonly ScoredItem[] =>
        items.slice(index * perCondition, (index + 1) * perCondition);
      const others = part(inHalf.items);
      return {
        condition: snr === undefined ? noise : `${noise} noise of ${snr} dB`,
        single: connected!.errors, // the set has strings
        half: inHalf.reports[index]!.connected!.errors,
        words: connected!.total,
        heardOtherwise: part(inSingle.items).filter(({ heard }, at) => heard.join() !== others[at]!.heard.join())
          .length,
        recordings: perCondition,
      };
    });
    return { errors, notes: [] };
  } catch (error) {
    if (!(error instanceof HearkenError) || !error.code.startsWith('corpora/missing')) throw error;
    return { errors: [], notes: [`no words were heard: ${error.message}`] };
  }
}

async function hear(folder: string, device: OnnxDevice) {
  await using model = await loadModel(folder, { device });
  const items: ScoredItem[] = [];
  const reports = await evaluateGrid({
    model,
    set: 'human-dev',
    grammar: 'digits',
    conditions: CONDITIONS,
    decoders: ['joint'],
    peer: false,
    onHeard: (item) => items.push(item),
  });
  return { reports, items };
}

function sentence({ condition, single, half, words, heardOtherwise, recordings }: Errors): string {
  return `human-dev, ${condition}: of ${words} words wrong ${single} in single precision, ${half} in half; ${heardOtherwise} of ${recordings} recordings heard otherwise.`;
}

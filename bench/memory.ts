/**
 * What a vector costs a stream, and what a stream keeps, with a past of a thousand to a million vectors: the hierarchical memory by the product's
 * own streaming code, beside full attention, the newest vectors alone and a GRU of equal width, all on onnxruntime on one thread with the sizes
 * of `models/codes-en` and random weights. Each model runs in a process of its own (`memory/measure.ts`). Takes about ten minutes.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { integerIn, oneOf } from '../src/arguments.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { exportBenchCells } from './memory/cells.ts';
import { traffic } from './memory/traffic.ts';
import { fitOfState, ratiosOf } from './memory/summary.ts';
import { type Measured, type MeasureRequest, type MemoryRow, MODELS } from './memory/sizes.ts';

/** `--n N,N`, `--streams S,S` and `--models M,M`: some of the lengths, numbers of streams and models only. */
export const OPTIONS: readonly string[] = ['n', 'streams', 'models'];

const LENGTHS = '1000,10000,100000,1000000';
const STREAMS = '1,64';
const QUERIES = [1, 25];
/** Vectors that full attention keeps at most, of all streams together: keys and values of 1.5 GB, and as much again while it reads. */
const MOST_KEPT = 1_000_000;
/** Bytes that it takes of a vector while it reads, with what the process takes besides. */
const BYTES_A_VECTOR = 4_096;
/** Vectors of an hour of audio, at 25 a second. */
const VECTORS_AN_HOUR = 90_000;

export default async function benchMemory({
  n: wantedLengths = LENGTHS,
  streams: wantedStreams = STREAMS,
  models: wantedModels = MODELS.join(','),
}: Readonly<Record<string, string>>): Promise<{
  rows: MemoryRow[];
  notes: string[];
  figures: Record<string, unknown>;
}> {
  const lengths = wantedLengths.split(',').map(Number);
  for (const n of lengths) integerIn(1)('--n', n);
  const streamCounts = wantedStreams.split(',').map(Number);
  for (const streams of streamCounts) integerIn(1)('--streams', streams);
  for (const name of wantedModels.split(',')) oneOf(...MODELS)('--models', name);
  const models = MODELS.filter((model) => wantedModels.split(',').includes(model));
  await loadBackend('cpu'); // cells are exported by way of tfjs
  const graphs = await mkdtemp(path.join(tmpdir(), 'hearken-bench-memory-'));
  try {
    await exportBenchCells(graphs);
    const rows: MemoryRow[] = [];
    for (const n of lengths) {
      for (const streams of streamCounts) {
        for (const model of models) {
          if (model === 'full' && (n * streams > MOST_KEPT || n * streams * BYTES_A_VECTOR > freemem())) continue;
          rows.push(...(await measured({ model, n, streams, queries: QUERIES, graphs })));
        }
      }
    }
    const projections = await measured({ model: 'project', n: 0, streams: 1, queries: QUERIES, graphs });
    return { rows, ...summaryOf(rows, lengths, projections) };
  } finally {
    await rm(graphs, { recursive: true, force: true });
  }
}

async function measured<M extends Measured>(request: MeasureRequest<M>): Promise<MemoryRow<M>[]> {
  const script = fileURLToPath(new URL('memory/measure.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    script,
    JSON.stringify(request),
  ]);
  return JSON.parse(stdout) as MemoryRow<M>[]; // printed by that script
}

function summaryOf(
  rows: readonly MemoryRow[],
  lengths: readonly number[],
  projections: readonly MemoryRow<'project'>[],
): { notes: string[]; figures: Record<string, unknown> } {
  const ratios = ratiosOf(rows);
  const fit = fitOfState(LENGTHS.split(',').map(Number));
  const moved = lengths.flatMap((n) => QUERIES.map((queries) => ({ n, queries, ...traffic(n, queries) })));
  const projectUs = Object.fromEntries(projections.map(({ queries, cpuUs }) => [queries, cpuUs]));
  const hours = rows
    .filter(({ streams, n }) => streams === 1 && n === lengths.at(-1))
    .map(({ model, queries, cpuUs }) => ({ model, queries, cpuSeconds: (cpuUs * VECTORS_AN_HOUR) / 1e6 }));
  return {
    figures: { ratios, fit, traffic: moved, projectUs, hours },
    notes: [
      'cpuUs: mean processor time of all threads a vector; p50Us, p99Us: wall time of a call, p99CpuUs: its processor time; full attention over much is measured over fewer vectors (column vectors).',
      'Streams walk from 0.9 N to 1.1 N again and again, from states of random rows with the live nodes of 0.9 N; full attention keeps N random rows and copies none in a step.',
      `Full attention of 64 streams is left out where it would keep more than ${MOST_KEPT.toLocaleString('en')} vectors, or more than there is free memory for.`,
      `Keys and values of a vector, which all but the GRU need, are made in cell \`encode\` and not in these rows: ${list(projectUs, 'us')}.`,
      ...ratios.map(
        ({ n, streams, queries, full, gru, p99 }) =>
          `N ${n}, ${streams} streams, ${queries} queries a call: full attention costs ${times(full)} as much, the hierarchical memory ${times(gru)} a GRU; p99 ${times(p99)} that at N ${lengths[0]}`,
      ),
      `State: ${Math.round(fit.bytes)} + ${Math.round(fit.bytesPerDoubling)} log2 N bytes, R2 ${fit.r2.toFixed(3)}, over ${fit.points} N between ${fit.from} and ${fit.to}.`,
      ...moved.map(
        ({ n, queries, hierarchical, full, gru }) =>
          `N ${n}, ${queries} queries a call: bytes moved a vector (weights once a call, what is attended to once a call): ${hierarchical}, full attention ${full}, GRU ${gru}`,
      ),
      ...hours.map(
        ({ model, queries, cpuSeconds }) =>
          `An hour at 25 vectors a second, N ${lengths.at(-1)}, ${queries} queries a call, ${model}: ${cpuSeconds.toPrecision(3)} s of processor time`,
      ),
    ],
  };
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? '(not measured) times' : `${ratio.toPrecision(3)} times`;
}

function list(figures: Readonly<Record<string, number>>, unit: string): string {
  return Object.entries(figures)
    .map(([queries, value]) => `${value.toPrecision(3)} ${unit} at ${queries} a call`)
    .join(', ');
}

/** Measures one model of the memory benchmark in a process of its own. Its argument is a `MeasureRequest` as JSON; it prints the rows. */
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import type { Measured, MeasureRequest, MemoryRow } from './sizes.ts';
import { stepperOf } from './models.ts';

/** Vectors that a mean is taken over at least, and calls that percentiles are. */
const VECTORS = 10_000;
const CALLS = 500;
/** Seconds of processor time after which a row ends all the same, once it has a few calls: full attention over much. */
const LONGEST_SECONDS = 8;
const FEWEST_CALLS = 5;

const request = JSON.parse(process.argv[2] ?? '{}') as MeasureRequest; // written by `bench/memory.ts`
await using executor = await createOnnxExecutor(request.graphs);
const { prepare, ...kept } = stepperOf(request, executor);
const rows: MemoryRow<Measured>[] = [];
for (const queries of request.queries) {
  const figures = await measure(prepare(queries), request.streams * queries);
  const { model, n, streams } = request;
  rows.push({ model, n, streams, queries, ...figures, ...kept, rssBytes: process.memoryUsage.rss() });
}
process.stdout.write(JSON.stringify(rows));

type Figures = Pick<MemoryRow, 'p50Us' | 'p99Us' | 'p99CpuUs' | 'cpuUs' | 'vectors'>;

async function measure(step: () => Promise<unknown>, vectorsPerCall: number): Promise<Figures> {
  const wanted = Math.max(CALLS, Math.ceil(VECTORS / vectorsPerCall));
  await repeat(step, Math.ceil(wanted / 4), LONGEST_SECONDS / 6); // so that everything is compiled
  const { wall, cpu } = await repeat(step, wanted, LONGEST_SECONDS);
  const total = cpu.reduce((sum, each) => sum + each, 0);
  const vectors = cpu.length * vectorsPerCall;
  return {
    p50Us: quantile(wall, 0.5),
    p99Us: quantile(wall, 0.99),
    p99CpuUs: quantile(cpu, 0.99),
    cpuUs: total / vectors,
    vectors,
  };
}

/** Wall and processor time of each call, us. */
async function repeat(
  step: () => Promise<unknown>,
  calls: number,
  seconds: number,
): Promise<{ readonly wall: number[]; readonly cpu: number[] }> {
  const [wall, cpu]: [number[], number[]] = [[], []];
  let spent = 0;
  while (wall.length < calls && (wall.length < FEWEST_CALLS || spent < seconds * 1e6)) {
    const [startedAt, before] = [performance.now(), process.cpuUsage()];
    await step();
    const { user, system } = process.cpuUsage(before);
    wall.push((performance.now() - startedAt) * 1_000);
    cpu.push(user + system);
    spent += user + system;
  }
  return { wall, cpu };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}

/** What the rows of the memory benchmark say together. */
import { liveNodes } from '../../src/memory/schedule.ts';
import { slotsOf } from '../../src/memory/state.ts';
import { HIERARCHICAL, type MemoryRow, type ModelName } from './sizes.ts';

type Ratio = Pick<MemoryRow, 'n' | 'streams' | 'queries'> & {
  /** Mean processor time of full attention to that of the hierarchical memory. */ readonly full: number | undefined;
  /** Mean processor time of the hierarchical memory to that of the GRU. */ readonly gru: number | undefined;
  /** 99 % of the wall time of a call to that with the smallest N, and of its processor time. */
  readonly p99: number | undefined;
  readonly p99Cpu: number | undefined;
};

/** The ratios for every N, number of streams and of queries. */
export function ratiosOf(rows: readonly MemoryRow[]): Ratio[] {
  const smallest = Math.min(...rows.map(({ n }) => n));
  return rows
    .filter(({ model }) => model === 'hierarchical')
    .map((row) => {
      const { n, streams, queries, cpuUs, p99Us, p99CpuUs } = row;
      const like = (model: ModelName, length = n): MemoryRow | undefined =>
        rows.find(
          (each) => each.model === model && each.n === length && each.streams === streams && each.queries === queries,
        );
      const first = like('hierarchical', smallest);
      return {
        n,
        streams,
        queries,
        full: quotient(like('full')?.cpuUs, cpuUs),
        gru: quotient(cpuUs, like('gru')?.cpuUs),
        p99: quotient(p99Us, first?.p99Us),
        p99Cpu: quotient(p99CpuUs, first?.p99CpuUs),
      };
    });
}

function quotient(dividend: number | undefined, divisor: number | undefined): number | undefined {
  return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
}

export type Fit = {
  readonly bytes: number;
  readonly bytesPerDoubling: number;
  /** Share of the variance that the line explains. */ readonly r2: number;
  readonly points: number;
  readonly from: number;
  readonly to: number;
};

/** Least squares of a state's bytes against log2 N, at many N between the smallest and the largest of `lengths`. */
export function fitOfState(lengths: readonly number[]): Fit {
  const points = 1_000;
  const [from, to] = [Math.min(...lengths), Math.max(...lengths)];
  const [low, high] = [Math.log2(from), Math.log2(to)];
  const x = Array.from({ length: points }, (_, index) => low + ((high - low) * index) / (points - 1));
  const y = x.map((log) => stateBytes(Math.round(2 ** log)));
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, index) => (value - meanX) * (y[index]! - meanY)));
  const slope = covariance / mean(x.map((value) => (value - meanX) ** 2));
  const unexplained = mean(x.map((value, index) => (y[index]! - meanY - slope * (value - meanX)) ** 2));
  const r2 = 1 - unexplained / mean(y.map((value) => (value - meanY) ** 2));
  return { bytes: meanY - slope * meanX, bytesPerDoubling: slope, r2, points, from, to };
}

/** Bytes of the vectors, keys and values after N vectors; a test holds it against a state. */
export function stateBytes(n: number): number {
  const rows = liveNodes(HIERARCHICAL, n).reduce(
    (sum, { start, end }, level) => sum + (end - start) * slotsOf(HIERARCHICAL, level),
    0,
  );
  return 3 * rows * HIERARCHICAL.depth * Float32Array.BYTES_PER_ELEMENT;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

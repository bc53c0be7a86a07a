/** The kinds of metrics that a server has, with what the guide's table says of each. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A row of the guide's table: the name with its labels, and what it counts. */
export type MetricRow = { readonly name: string; readonly help: string };

export type Instruments = {
  readonly counter: <T extends string>(name: string, help: string, ...labels: readonly T[]) => Counter<T>;
  readonly gauge: <T extends string>(name: string, help: string, ...labels: readonly T[]) => Gauge<T>;
  /** A gauge that is read when it is asked for. */
  readonly readGauge: (name: string, help: string, read: () => number) => void;
  readonly histogram: (name: string, help: string, buckets?: readonly number[]) => Histogram;
  /** Names and help of the metrics made so far, in order. */ readonly rows: readonly MetricRow[];
};

/** Bounds of buckets for what a person waits for. */
const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

/** Names get the prefix `hearken_`. */
export function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  const rows: MetricRow[] = [];
  const named = (bare: string, help: string, labels: readonly string[] = []): { name: string; help: string } => {
    const name = `hearken_${bare}`;
    rows.push({ name: labels.length === 0 ? name : `${name}{${labels.join(', ')}}`, help });
    return { name, help };
  };
  return {
    rows,
    counter: (name, help, ...labelNames) => new Counter({ ...named(name, help, labelNames), labelNames, registers }),
    gauge: (name, help, ...labelNames) => new Gauge({ ...named(name, help, labelNames), labelNames, registers }),
    readGauge: (name, help, read) => {
      const gauge: Gauge = new Gauge({ ...named(name, help), registers, collect: () => gauge.set(read()) });
    },
    histogram: (name, help, buckets = SECONDS) =>
      new Histogram({ ...named(name, help), buckets: [...buckets], registers }),
  };
}

/** The server under benchmarks of live streams, in a process of its own, seen from outside. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type BenchServer = {
  readonly child: ChildProcess;
  readonly http: string;
  readonly native: string;
  readonly vosk: string;
};

/** `maximumBatch`: streams that are heard together. */
export async function startServer(maximumBatch: number): Promise<BenchServer> {
  const file = fileURLToPath(new URL('serve-process.ts', import.meta.url));
  const child = fork(file, [String(maximumBatch)], { execArgv: ['--import', 'tsx'] });
  const [{ port, voskPort }] = (await once(child, 'message')) as [{ port: number; voskPort: number }]; // as it sends
  return {
    child,
    http: `http://127.0.0.1:${port}`,
    native: `ws://127.0.0.1:${port}/v1/stream`,
    vosk: `ws://127.0.0.1:${voskPort}`,
  };
}

export type Scraped = Readonly<Record<'cpu' | 'rss' | 'lag' | 'batched' | 'batches', number>>;

/** Asking resets the event loop's histogram: what it tells is of the time since the last look. */
export async function scrape(http: string): Promise<Scraped> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    cpu: value('process_cpu_seconds_total'),
    rss: value('process_resident_memory_bytes'),
    lag: value('nodejs_eventloop_lag_p99_seconds'),
    batched: value('hearken_batch_size_sum'),
    batches: value('hearken_batch_size_count'),
  };
}

/** The value below which `share` of the numbers are; NaN where there are none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Samples in -1..1 as s16le. */
export function toPcm(samples: Float32Array): Buffer {
  const whole = Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, 32_768 * sample)));
  return Buffer.from(whole.buffer);
}

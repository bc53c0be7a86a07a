/**
 * Live streams on one machine: clients over real sockets that send 100 ms of speech every 100 ms. Finds how many are
 * answered within 200 ms, 99 times of 100; beside it the same streams each in a batch of its own.
 *
 * `HEARKEN_SECONDS` is how long each load lasts (default 20), `HEARKEN_STREAMS` where the search ends (default 1,000).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { readAudio } from '../src/audio/read-audio.ts';
import { speakLive } from './live-streams.ts';

const LIMIT_MS = 200;
/** The server's own default. */
const BATCH = 64;

type Row = {
  readonly batch: string;
  readonly streams: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Processor seconds a second. */ readonly cpu: number;
  readonly rssPerStreamBytes: number;
  /** Of the thread of the sockets. */ readonly eventLoopP99Ms: number;
  readonly meanBatch: number;
  readonly unanswered: number;
};

type Server = { readonly child: ChildProcess; readonly http: string; readonly vosk: string };

export default async function benchServe(): Promise<{ rows: Row[]; notes: string[]; figures: { maxStreams: number } }> {
  const pcm = await speech();
  const batched = await measure('together', BATCH, pcm);
  const alone = await measure('one by one', 1, pcm);
  const notes = [
    `At most ${batched.most} streams with p99 <= ${LIMIT_MS} ms together, ${alone.most} one by one; clients ran on the same machine.`,
  ];
  return { rows: [...batched.rows, ...alone.rows], notes, figures: { maxStreams: batched.most } };
}

/** Doubles the streams until they are too many, then halves the difference until it is a tenth. */
async function measure(batch: string, maximumBatch: number, pcm: Buffer): Promise<{ rows: Row[]; most: number }> {
  const ceiling = Number(process.env['HEARKEN_STREAMS'] ?? 1000);
  const server = await startServer(maximumBatch);
  const rows: Row[] = [];
  const warmUp = await speakLive({ url: server.vosk, streams: 2, seconds: 2, pcm }); // loads and compiles everything
  warmUp.hangUp();
  const { rss: emptyRss } = await scrape(server.http);
  const isGood = async (streams: number): Promise<boolean> => {
    const row = await loadedRow(server, { batch, streams, pcm, emptyRss });
    rows.push(row);
    return row.unanswered === 0 && row.p99Ms <= LIMIT_MS;
  };
  let [most, tooMany] = [0, ceiling + 1];
  for (let streams = 1; streams < tooMany; streams = Math.min(2 * streams, ceiling)) {
    if (await isGood(streams)) most = streams;
    else tooMany = streams;
    if (most === ceiling) break;
  }
  while (most > 0 && tooMany <= ceiling && tooMany - most > Math.max(1, most / 10)) {
    const streams = Math.round((most + tooMany) / 2);
    if (await isGood(streams)) most = streams;
    else tooMany = streams;
  }
  server.child.kill();
  return { rows, most };
}

type Load = { readonly batch: string; readonly streams: number; readonly pcm: Buffer; readonly emptyRss: number };

async function loadedRow({ http, vosk }: Server, { batch, streams, pcm, emptyRss }: Load): Promise<Row> {
  const seconds = Number(process.env['HEARKEN_SECONDS'] ?? 20);
  const before = await scrape(http);
  const started = performance.now();
  const { latenciesMs, unanswered, hangUp } = await speakLive({ url: vosk, streams, seconds, pcm });
  const after = await scrape(http);
  hangUp();
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const percentile = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
  return {
    batch,
    streams,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    cpu: (1000 * (after.cpu - before.cpu)) / (performance.now() - started),
    rssPerStreamBytes: Math.max(0, Math.round((after.rss - emptyRss) / streams)),
    eventLoopP99Ms: 1000 * after.lag,
    meanBatch: (after.batched - before.batched) / Math.max(1, after.batches - before.batches),
    unanswered,
  };
}

async function startServer(maximumBatch: number): Promise<Server> {
  const file = fileURLToPath(new URL('serve-process.ts', import.meta.url));
  const child = fork(file, [String(maximumBatch)], { execArgv: ['--import', 'tsx'] });
  const [{ port, voskPort }] = (await once(child, 'message')) as [{ port: number; voskPort: number }]; // as it sends
  return { child, http: `http://127.0.0.1:${port}`, vosk: `ws://127.0.0.1:${voskPort}` };
}

type Scraped = Readonly<Record<'cpu' | 'rss' | 'lag' | 'batched' | 'batches', number>>;

/** Asking resets the event loop's histogram: what it tells is of the time since the last look. */
async function scrape(http: string): Promise<Scraped> {
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

/** The package's recordings one after the other, as s16le at 16 kHz. */
async function speech(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const name of ['phone-number', 'pin', 'two-numbers', 'order-code']) {
    for await (const samples of readAudio(`samples/${name}.wav`, { sampleRate: 16_000 })) {
      const whole = Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, 32_768 * sample)));
      parts.push(Buffer.from(whole.buffer));
    }
  }
  return Buffer.concat(parts);
}

/**
 * Live streams on one machine: clients over real sockets that send 100 ms of speech every 100 ms. Finds how many are
 * answered within 200 ms, 99 times of 100; beside it the same streams each in a batch of its own.
 *
 * `HEARKEN_SECONDS` is how long each load lasts (default 10), `HEARKEN_STREAMS` where the search ends (default 1,000). It ends
 * within five minutes: what was not tried by then counts as too much.
 */
import { readAudio } from '../src/audio/read-audio.ts';
import { type BenchServer, percentile, scrape, startServer, toPcm } from './bench-server.ts';
import { speakLive } from './live-streams.ts';

const LIMIT_MS = 200;
/** Streams of the first load. */
const FIRST = 16;
/** For the search of the most streams together, and for that of the most one by one. */
const TOGETHER_MS = 140_000;
const ALONE_MS = 100_000;
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
  /** 99th percentile, in milliseconds, of the delay of the event loop of the sockets' thread. */
  readonly eventLoopP99Ms: number;
  readonly meanBatch: number;
  readonly unanswered: number;
};

type Figures = {
  readonly maxStreams: number;
  /** Processor seconds a second of the server with so many. */ readonly serverCores: number;
  readonly streamsPerCore: number;
};

export default async function benchServe(): Promise<{ rows: Row[]; notes: string[]; figures: Figures }> {
  const pcm = await speech();
  const batched = await measure('together', BATCH, pcm, TOGETHER_MS);
  const alone = await measure('one by one', 1, pcm, ALONE_MS);
  const serverCores = batched.rows.find(({ streams }) => streams === batched.most)?.cpu ?? Number.NaN;
  const figures = { maxStreams: batched.most, serverCores, streamsPerCore: batched.most / serverCores };
  const notes = [
    `At most ${batched.most} streams with p99 <= ${LIMIT_MS} ms together, ${alone.most} one by one; clients ran on the same machine.`,
  ];
  return { rows: [...batched.rows, ...alone.rows], notes, figures };
}

/** Doubles the streams until they are too many, then halves the difference until it is a tenth or `milliseconds` are over. */
async function measure(
  batch: string,
  maximumBatch: number,
  pcm: Buffer,
  milliseconds: number,
): Promise<{ rows: Row[]; most: number }> {
  const deadline = performance.now() + milliseconds;
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
  const mayGoOn = (): boolean => performance.now() < deadline;
  let [most, tooMany] = [0, ceiling + 1];
  for (
    let streams = Math.min(FIRST, ceiling);
    streams < tooMany && mayGoOn();
    streams = Math.min(2 * streams, ceiling)
  ) {
    if (await isGood(streams)) most = streams;
    else tooMany = streams;
    if (most === ceiling) break;
  }
  while (tooMany <= ceiling && tooMany - most > Math.max(1, most / 10) && mayGoOn()) {
    const streams = Math.floor((most + tooMany) / 2);
    if (await isGood(streams)) most = streams;
    else tooMany = streams;
  }
  server.child.kill();
  return { rows, most };
}

type Load = { readonly batch: string; readonly streams: number; readonly pcm: Buffer; readonly emptyRss: number };

async function loadedRow({ http, vosk }: BenchServer, { batch, streams, pcm, emptyRss }: Load): Promise<Row> {
  const seconds = Number(process.env['HEARKEN_SECONDS'] ?? 10);
  const before = await scrape(http);
  const started = performance.now();
  const { latenciesMs, unanswered, hangUp } = await speakLive({ url: vosk, streams, seconds, pcm });
  const after = await scrape(http);
  hangUp();
  return {
    batch,
    streams,
    p50Ms: Math.round(percentile(latenciesMs, 0.5)),
    p95Ms: Math.round(percentile(latenciesMs, 0.95)),
    p99Ms: Math.round(percentile(latenciesMs, 0.99)),
    cpu: (1000 * (after.cpu - before.cpu)) / (performance.now() - started),
    rssPerStreamBytes: Math.max(0, Math.round((after.rss - emptyRss) / streams)),
    eventLoopP99Ms: 1000 * after.lag,
    meanBatch: (after.batched - before.batched) / Math.max(1, after.batches - before.batches),
    unanswered,
  };
}

/** The package's recordings one after the other, as s16le at 16 kHz. */
async function speech(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const name of ['phone-number', 'pin', 'two-numbers', 'order-code']) {
    for await (const samples of readAudio(`samples/${name}.wav`, { sampleRate: 16_000 })) parts.push(toPcm(samples));
  }
  return Buffer.concat(parts);
}

/**
 * Hours of audio pushed through the native protocol as fast as it goes, over real sockets to a server process: one stream
 * for a day, then fifty for half an hour each. Do answers stay as quick, and memory as small, as after the first tenth?
 *
 * `--hours` of the one stream (default 24, 0 leaves it out), `--minutes` of each of the fifty (default 30, 0 leaves them out).
 */
import { percentile, scrape, startServer, toPcm } from './bench-server.ts';
import { longRecording, SAMPLE_RATE, spokenStrings } from './long-recording.ts';
import { pushStream } from './soak/push-stream.ts';

export const OPTIONS = ['hours', 'minutes'] as const;

const STREAMS = 50;
const TENTHS = 10;
/** The server's own default. */
const BATCH = 64;
/** Speech, near silence and music; streams begin at different places in it and go round. */
const RECORDING_SECONDS = 600;
/** Between two looks at the server's memory. */
const LOOK_MS = 500;
const GOAL = 1.1;

type Row = {
  readonly streams: number;
  /** Hours of audio that each stream has sent at the end of this tenth. */ readonly hours: number;
  /**
   * Median time, in milliseconds, from sending a sample to the acknowledgement that everything before it is recognized
   * and durable.
   */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The server's, mean of the tenth. */ readonly rssMegabytes: number;
  /** Seconds of audio recognized a second, all streams together. */ readonly realTimes: number;
};

type Soak = { readonly streams: number; readonly seconds: number };

export default async function benchSoak({
  hours = '24',
  minutes = '30',
}: Readonly<Partial<Record<(typeof OPTIONS)[number], string>>>): Promise<{
  rows: Row[];
  notes: string[];
  figures: Record<string, number>;
}> {
  const soaks: Soak[] = [
    { streams: 1, seconds: 3600 * amount('hours', hours) },
    { streams: STREAMS, seconds: 60 * amount('minutes', minutes) },
  ].filter(({ seconds }) => seconds > 0);
  const parts: Buffer[] = [];
  const recording = longRecording(await spokenStrings(), { seconds: RECORDING_SECONDS, chunkSeconds: 1 });
  for (const samples of recording) parts.push(toPcm(samples));
  const pcm = Buffer.concat(parts);
  const rows: Row[] = [];
  const notes: string[] = [];
  const figures: Record<string, number> = {};
  for (const soak of soaks) {
    const tenths = await soakServer(soak, pcm);
    rows.push(...tenths);
    const ratio = (of: 'p99Ms' | 'rssMegabytes'): number =>
      (tenths.at(-1)?.[of] ?? Number.NaN) / (tenths[1]?.[of] ?? Number.NaN);
    const [p99Ratio, rssRatio] = [ratio('p99Ms'), ratio('rssMegabytes')];
    Object.assign(figures, { [`p99Ratio${soak.streams}`]: p99Ratio, [`rssRatio${soak.streams}`]: rssRatio });
    notes.push(
      `${soak.streams} ${soak.streams === 1 ? 'stream' : 'streams'}: last tenth over second (goal: at most ${GOAL}): p99 ${p99Ratio.toFixed(2)}, RSS ${rssRatio.toFixed(2)}`,
    );
  }
  return { rows, notes, figures };
}

function amount(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Error(`Expected --${option} to be a number from 0 on, got ${text}`);
  }
  return value;
}

/** A row for each tenth of the audio. */
async function soakServer({ streams, seconds }: Soak, pcm: Buffer): Promise<Row[]> {
  const { child, http, native } = await startServer(BATCH);
  const rows: Row[] = [];
  const started = performance.now();
  let [latencies, rss]: [number[], number[]] = [[], []];
  let [ackedSeconds, tenthStarted] = [0, started];
  const endTenth = (): void => {
    const now = performance.now();
    const row: Row = {
      streams,
      hours: ((rows.length + 1) * seconds) / TENTHS / 3600,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      rssMegabytes: rss.reduce((sum, bytes) => sum + bytes, 0) / rss.length / 1e6,
      realTimes: (streams * seconds) / TENTHS / ((now - tenthStarted) / 1000),
    };
    rows.push(row);
    [latencies, rss, tenthStarted] = [[], [], now];
    process.stderr.write(
      `${streams} x ${(seconds / 3600).toFixed(2)} h: ${10 * rows.length} % after ${Math.round((now - started) / 1000)} s, ` +
        `p99 ${row.p99Ms.toFixed(0)} ms, RSS ${row.rssMegabytes.toFixed(0)} MB\n`,
    );
  };
  const look = async (): Promise<void> => {
    rss.push((await scrape(http)).rss);
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS); // streams fail, and tell, where it is gone
  try {
    await look();
    await Promise.all(
      Array.from({ length: streams }, (_, index) =>
        pushStream({
          url: native,
          pcm,
          sampleRate: SAMPLE_RATE,
          from: Math.floor((index * pcm.length) / 2 / streams),
          seconds,
          onAck: (acked, latencyMs) => {
            latencies.push(latencyMs);
            ackedSeconds += acked;
            if (rows.length < TENTHS - 1 && ackedSeconds >= ((rows.length + 1) * streams * seconds) / TENTHS)
              endTenth();
          },
        }),
      ),
    );
    await look();
    endTenth();
  } finally {
    clearInterval(timer);
    child.kill();
  }
  return rows;
}

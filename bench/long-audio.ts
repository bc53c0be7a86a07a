/**
 * Two hours of speech, silence and music through one stream: does memory stay flat, and the time a chunk? And how soon
 * does the command line print a first word?
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { loadModel } from '../src/index.ts';
import { longRecording, SAMPLE_RATE, spokenStrings } from './long-recording.ts';

const CHUNK_SECONDS = 0.5;
const MARKS_MINUTES = [1, 10, 60, 120];
/** Chunks whose times are summarised at a mark: the last minute. */
const CHUNKS_A_MARK = 60 / CHUNK_SECONDS;
/** Streamed before: what a process takes as it warms up (compiled code, arenas) must not look like growth of a stream. */
const WARM_UP_MINUTES = 10;
const FIRST_WORD_RUNS = 3;

type Row = {
  readonly minutes: number;
  readonly rssMegabytes: number;
  /** Median time for a chunk of half a second over the last minute, by the clock. */ readonly chunkMsMedian: number;
  /** and in processor time, which other work on the machine disturbs less. */ readonly chunkCpuMs: number;
  readonly words: number;
};

export default async function longAudio(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const rows = await streamMarks();
  const [first, last] = [rows[0], rows.at(-1)];
  const growth = (of: 'rssMegabytes' | 'chunkMsMedian' | 'chunkCpuMs'): string =>
    first && last ? `${(100 * (last[of] / first[of] - 1)).toFixed(1)} %` : 'unknown';
  const firstWord = await firstWordSeconds();
  return {
    rows,
    notes: [
      `from ${first?.minutes} to ${last?.minutes} minutes: RSS ${growth('rssMegabytes')}, time a chunk ${growth('chunkMsMedian')}, processor time a chunk ${growth('chunkCpuMs')}`,
      `first word of hearken transcribe samples/pin.wav: ${firstWord}`,
    ],
  };
}

type ChunkTime = { readonly wallMs: number; readonly cpuMs: number };

/** Streams as fast as it goes and looks at the clock between asking for one chunk and the next. */
async function streamMarks(): Promise<Row[]> {
  await using model = await loadModel('codes-en');
  const strings = await spokenStrings();
  const recording = (minutes: number): Iterable<Float32Array> =>
    longRecording(strings, { seconds: 60 * minutes, chunkSeconds: CHUNK_SECONDS });
  for await (const _ of model.stream(recording(WARM_UP_MINUTES), { sampleRate: SAMPLE_RATE }));
  const rows: Row[] = [];
  const times: ChunkTime[] = [];
  let words = 0;
  const lastMark = MARKS_MINUTES.at(-1) ?? 0;
  function* timed(): Generator<Float32Array> {
    for (const chunk of recording(lastMark)) {
      const given = { wall: performance.now(), cpu: process.cpuUsage() };
      yield chunk;
      const { user, system } = process.cpuUsage(given.cpu);
      times.push({ wallMs: performance.now() - given.wall, cpuMs: (user + system) / 1_000 });
      if (times.length > CHUNKS_A_MARK) times.shift();
      chunks++;
      const minutes = (chunks * CHUNK_SECONDS) / 60;
      if (MARKS_MINUTES.includes(minutes)) rows.push({ minutes, ...measure(times), words });
    }
  }
  let chunks = 0;
  for await (const event of model.stream(timed(), { sampleRate: SAMPLE_RATE })) {
    if (event.type === 'final') words += event.words.length;
  }
  return rows;
}

function measure(times: readonly ChunkTime[]): Pick<Row, 'rssMegabytes' | 'chunkMsMedian' | 'chunkCpuMs'> {
  globalThis.gc?.();
  const sorted = times.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b);
  return {
    rssMegabytes: process.memoryUsage.rss() / 1e6,
    chunkMsMedian: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    chunkCpuMs: times.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / times.length,
  };
}

/** Seconds from the start of the process to its first line with a word, several times over. */
async function firstWordSeconds(): Promise<string> {
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  if (!existsSync(main)) return 'skipped, npm run build first';
  const seconds: number[] = [];
  for (let run = 0; run < FIRST_WORD_RUNS; run++) seconds.push(await timeFirstWord(main));
  return `${seconds.map((time) => time.toFixed(2)).join(', ')} s`;
}

function timeFirstWord(main: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [main, 'transcribe', 'samples/pin.wav'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      if (/\d %/.test(printed)) resolve((performance.now() - started) / 1_000);
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error(`Expected a word, got ${printed}`)));
  });
}

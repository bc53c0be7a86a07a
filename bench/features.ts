/**
 * Seconds of audio a second of one core: log-mel features here and in kaldi-native-fbank, in turns, best of all rounds.
 *
 * The peer runs in the Python of `HEARKEN_BENCH_PYTHON` (default `python3`), where it must be installed:
 * `python3 -m venv venv && venv/bin/pip install kaldi-native-fbank`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createLogMel, type LogMel, type LogMelConfig } from '../src/audio/log-mel.ts';
import { SPEECH_FEATURES } from '../src/model/speech-features.ts';

const SECONDS = 10;
const ROUNDS = 5;
const RUNS_A_ROUND = 20;
const PYTHON = process.env['HEARKEN_BENCH_PYTHON'] ?? 'python3';

const CONFIGS: readonly LogMelConfig[] = [
  SPEECH_FEATURES,
  { ...SPEECH_FEATURES, bandCount: 80, lowHz: 20, highHz: 8000 },
];

type Times = {
  /** All CPU seconds of each way, the best so far. */
  whole: number;
  chunked: number;
  peer: number | undefined;
};

export default async function benchFeatures(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const rows: Record<string, unknown>[] = [];
  let failure: string | undefined;
  for (const config of CONFIGS) {
    const times: Times = { whole: Number.POSITIVE_INFINITY, chunked: Number.POSITIVE_INFINITY, peer: undefined };
    for (let round = 0; round < ROUNDS; round++) {
      measureOurs(config, times);
      if (failure === undefined) failure = await measureBaseline(config, times);
    }
    rows.push(...rowsOf(config, times));
  }
  const notes = [
    'CPU time of all threads (compiler and garbage collector too). "In chunks": 100 ms of samples at a time.',
    "The peer's time is without its Python binding's conversion of the samples.",
    ...(failure === undefined ? [] : [`kaldi-native-fbank was not measured: ${failure}`]),
  ];
  return { rows, notes };
}

function measureOurs(config: LogMelConfig, times: Times): void {
  const samples = Float32Array.from({ length: SECONDS * config.sampleRate }, () => Math.random() - 0.5);
  const tables = createLogMel(config);
  const chunkLength = config.sampleRate / 10;
  for (let run = 0; run < RUNS_A_ROUND; run++) {
    times.whole = Math.min(times.whole, cpuSeconds(tables.fork(), samples, samples.length));
    times.chunked = Math.min(times.chunked, cpuSeconds(tables.fork(), samples, chunkLength));
  }
}

function cpuSeconds(stream: LogMel, samples: Float32Array, chunkLength: number): number {
  const before = process.cpuUsage();
  for (let start = 0; start < samples.length; start += chunkLength) {
    stream.push(samples.subarray(start, start + chunkLength));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Measures the baseline; gives why it could not be measured, if so. */
async function measureBaseline(config: LogMelConfig, times: Times): Promise<string | undefined> {
  const script = fileURLToPath(new URL('features-kaldi.py', import.meta.url));
  const request = JSON.stringify({ seconds: SECONDS, runs: RUNS_A_ROUND, config });
  try {
    const { stdout } = await promisify(execFile)(PYTHON, [script, request]);
    const { whole, conversion }: { whole: number; conversion: number } = JSON.parse(stdout);
    times.peer = Math.min(times.peer ?? Number.POSITIVE_INFINITY, whole - conversion);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
  }
}

function rowsOf({ bandCount }: LogMelConfig, { whole, chunked, peer }: Times): Record<string, unknown>[] {
  const row = (features: string, seconds: number): Record<string, unknown> => ({
    bands: bandCount,
    features,
    secondsOfAudioASecond: Math.round(SECONDS / seconds),
    ...(peer === undefined ? {} : { timesThePeer: Number((peer / seconds).toFixed(2)) }),
  });
  const ours = [row('hearken', whole), row('hearken, in chunks', chunked)];
  return peer === undefined ? ours : [...ours, row('kaldi-native-fbank', peer)];
}
